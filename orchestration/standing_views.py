"""Which views needn't be made again: their SQL is a function of the project alone, and the project hasn't changed.

A view holds no rows, so a run of one new day has no reason to make 60 of them anew (a third of what dbt took). What
belongs here: telling from the manifest whether a view's SQL can differ between two runs of the same project. Whether it
was built with this project, and is still there, is for the caller to know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What asks the database, the graph or the invocation while SQL is made. Anything of the kind counts, even in a comment.
ASKS = re.compile(
    r"\b(run_query|statement|load_relation|load_cached_relation|is_incremental|is_built|graph|execute|flags|env_var"
    r"|invocation_\w+|run_started_at|modules|target\.threads|results)\b|adapter\.(?!dispatch|quote)"
)


def standing_views(manifest: Mapping[str, Any]) -> frozenset[str]:
    """Unique ids of the views whose SQL is the same in every run of this project: no macro of theirs asks anything.

    Views with hooks are left out: a hook is there to be run.
    """
    asking: dict[str, bool] = {}

    def asks(macro: str) -> bool:
        if macro not in asking:
            asking[macro] = False  # a macro that calls itself meets itself here
            found = manifest["macros"].get(macro, {})
            called = found.get("depends_on", {}).get("macros", [])
            asking[macro] = bool(ASKS.search(found.get("macro_sql", "run_query"))) or any(asks(m) for m in called)
        return asking[macro]

    return frozenset(
        unique_id
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
        and node["config"].get("materialized") == "view"
        and not node["config"].get("pre-hook")
        and not node["config"].get("post-hook")
        and not ASKS.search(node["raw_code"])
        and not any(asks(macro) for macro in node["depends_on"]["macros"])
    )
