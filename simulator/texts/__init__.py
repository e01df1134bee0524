"""Wording: a small paraphrase grammar in three languages, and the composing of messages from it in bulk."""
