"""The roles at HQ: Django groups with these names, made by migration."""

ADMIN = "管理员"
EDITOR = "内容编辑"
REVIEWER = "内容审核"
MERCHANDISER = "选品"
OPERATOR = "运营"
ANALYST = "数据分析"
REGION_MANAGER = "区域经理"
SUPPORT = "客服"

ALL = (ADMIN, EDITOR, REVIEWER, MERCHANDISER, OPERATOR, ANALYST, REGION_MANAGER, SUPPORT)
