"""What the story's people, goods and pages are called, for the world and for those who walk through it."""

HOST = "lin"
COMPANIONS = ("zhao1", "zhao2", "zhao3", "zhao4", "zhao5")
GOODS = "云南野生菌汤包"
STOCK = 10
PLENTY = 5_000
LAST_PIECE = "冬天第一锅菌菇汤"
THEME = "冬日暖心囤货季"
