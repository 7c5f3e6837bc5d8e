"""An API key as JSON, without its secret. For the interface and the command line."""

from service.access import KeyRow


def key_members(row: KeyRow, last_used_at: str | None) -> dict[str, object]:
    """What is told of a key."""
    return {
        "id": row.id,
        "operator": row.operator,
        "label": row.label,
        "scopes": list(row.scopes),
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "replaced_by": row.replaced_by,
        "last_used_at": last_used_at,
    }
