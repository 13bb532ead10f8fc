"""What may be shown of a personal value to someone who has not asked to reveal it."""

from apps.lib.phone import national


def mask_phone(phone: str) -> str:
    """`+8613800008000` is `138****8000`."""
    digits = national(phone)
    if len(digits) < 8:
        return "*" * len(digits)
    return f"{digits[:3]}****{digits[-4:]}"


def mask_name(name: str) -> str:
    """`张小雨` is `张**`, `李` is `*`."""
    name = name.strip()
    if len(name) <= 1:
        return "*" * len(name)
    return name[0] + "*" * min(len(name) - 1, 3)


def mask_address(address: str) -> str:
    """The first six characters (province and city), the rest hidden."""
    address = address.strip()
    return address[:6] + "****" if address else ""
