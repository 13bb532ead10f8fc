from django.apps import AppConfig


class BotConfig(AppConfig):
    name = "apps.bot"
    verbose_name = "机器人指令"

    def ready(self) -> None:
        from apps.bot import answers
        from apps.wecom import commands

        commands.register("今日", answers.today, also=("今天", "today"))
        commands.register("素材", answers.materials, also=("找素材", "找"))
        commands.register("业绩", answers.results, also=("数据",))
        commands.register("帮助", answers.help_, also=("?", "？", "help", "菜单", "你好"))
