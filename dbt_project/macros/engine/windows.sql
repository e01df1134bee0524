{#- Windows as DuckDB says them. -#}

{%- macro last_filled(expression) -%}
    {#- The latest value in the frame that isn't null. -#}
    last_value({{ expression }} ignore nulls)
{%- endmacro -%}

{%- macro first_filled(expression) -%}
    {#- The earliest value in the frame that isn't null. -#}
    first_value({{ expression }} ignore nulls)
{%- endmacro -%}
