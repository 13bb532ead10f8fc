"""Are the pictures fit for WeCom and for a phone's screen?"""

from apps.library.checks.draft import Draft, Finding

#: WeCom takes pictures up to 10 MB.
MOST_BYTES = 10 * 1024 * 1024
#: Below this a picture is blurred on a phone.
LEAST_EDGE = 600
#: Longer than this it is cut in 朋友圈 and in cards.
LONGEST_RATIO = 3
FORMATS = {"jpg", "jpeg", "png", "webp"}


def sizes(draft: Draft) -> list[Finding]:
    """Each picture by its number: too big to send, of another format, too small, too long."""
    found = []
    for number, image in enumerate(dict.fromkeys(draft.pictures), 1):
        place = f"图片 {number}「{image.title}」"
        if (image.get_file_size() or 0) > MOST_BYTES:
            size = f"{image.get_file_size() / 1024 / 1024:.1f} MB"
            found.append(
                Finding("", place, f"有 {size}，", "企业微信只收 10 MB 以内的图，请压缩后重传。", True)
            )
        if image.file.name.rsplit(".", 1)[-1].lower() not in FORMATS:
            found.append(Finding("", place, "的格式手机打不开，", "请另存为 JPG 或 PNG 再传。", True))
        short, long = sorted((image.width, image.height))
        if short < LEAST_EDGE:
            problem = f"只有 {image.width}×{image.height}，发出去会糊，"
            found.append(Finding("", place, problem, f"最好短边有 {LEAST_EDGE} 像素。", False))
        if short and long / short > LONGEST_RATIO:
            found.append(Finding("", place, "又长又窄，朋友圈里只看得到中间，", "请裁成几张。", False))
    return found
