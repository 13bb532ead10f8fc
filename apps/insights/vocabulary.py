"""Which events the numbers are counted from."""

VIEWED = ("material.viewed", "product.viewed", "shelf.viewed")
READ = ("material.read", "product.read", "shelf.read")
SHARED = ("material.shared", "product.shared", "shelf.shared")
#: What a host does with something she may share.
ACTS = ("material.opened", "material.copied", "material.saved", *SHARED)
