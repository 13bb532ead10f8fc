"""Training and 打卡: paths, lessons, practice, streaks, the board, and who is stuck where."""
