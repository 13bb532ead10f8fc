"""What 禾里's editors wrote: three past fortnights and the current one."""

from dataclasses import dataclass

from wagtail.rich_text import RichText

from apps.content.models import Material
from apps.media.models import Image

ARTICLE, PICTURES, VIDEO, LAUNCH, SCRIPT = (
    Material.Kind.ARTICLE,
    Material.Kind.PICTURES,
    Material.Kind.VIDEO,
    Material.Kind.NEW_PRODUCT,
    Material.Kind.SCRIPT,
)
QUOTAS = {str(ARTICLE): 3, str(PICTURES): 3, str(VIDEO): 1, str(LAUNCH): 2, str(SCRIPT): 2}


@dataclass(frozen=True, slots=True)
class Piece:
    """One material of a plan: on `day` at `hour`, about the product called `product`."""

    day: int
    hour: int
    kind: str
    title: str
    product: str
    summary: str
    text: str
    occasion: str = Material.Occasion.DAILY
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    theme: str
    intro: str
    tone: str
    pieces: tuple[Piece, ...]


def _piece(day: int, hour: int, kind: str, title: str, product: str, summary: str, text: str, occasion: str, tip: str = "") -> Piece:  # fmt: skip
    return Piece(day, hour, str(kind), title, product, summary, text, str(occasion), tip)


_O = Material.Occasion

AUTUMN = Plan(
    "金秋尝鲜季",
    "新米、新茶、新橙子都下来了，这两周带大家尝个鲜。",
    "amber",
    (
        _piece(
            1,
            9,
            ARTICLE,
            "一碗新米饭，胜过一桌菜",
            "五常稻花香大米",
            "当季新米怎么挑，看这三点就够了",
            "家里的米快见底了吧？当季的五常稻花香到了，我家昨晚焖了一锅，开盖满屋子都是香的。不用就菜，空口能吃一碗。",
            _O.SEASON,
            "配一张自家饭锅的照片",
        ),
        _piece(
            2,
            10,
            LAUNCH,
            "新到：赣南脐橙，现摘现发",
            "赣南脐橙",
            "皮薄多汁，一瓣爆一口",
            "赣南的脐橙开园了，果园现摘现发，我先替大家尝了一箱，皮薄、汁多、不酸。坏果包赔，放心下。",
            _O.NEW_PRODUCT,
        ),
        _piece(
            3,
            20,
            PICTURES,
            "坚果礼盒九宫格",
            "每日坚果礼盒",
            "一天一包，七种果仁都在里面",
            "早上来不及吃早饭的，抓一包放包里。七种果仁，一天一小包，孩子大人都能吃。",
            _O.DAILY,
        ),
        _piece(
            4,
            9,
            SCRIPT,
            "老客户问「米还有吗」怎么答",
            "五常稻花香大米",
            "先问人口，再推规格",
            "有的姐，今年新米刚到。你家几口人？三口之家拿 5 斤装正好吃一个月，新鲜；人多就拿 10 斤的更划算。我给你留一袋？",
            _O.REPURCHASE,
        ),
        _piece(
            5,
            20,
            VIDEO,
            "30 秒看懂怎么泡一杯好龙井",
            "明前龙井",
            "水温、投茶、出汤，一次讲清",
            "很多人龙井泡苦了，其实是水太烫。看完这 30 秒，回家就能泡出豆香味。",
            _O.DAILY,
        ),
        _piece(
            6,
            10,
            ARTICLE,
            "换季嗓子干？煮一壶陈皮白茶",
            "陈皮白茶饼",
            "三年陈皮，越煮越甜",
            "这几天空气干，嗓子老不舒服。我煮了一壶陈皮白茶，甜丝丝的，孩子也愿意喝两口。",
            _O.SEASON,
        ),
        _piece(
            8,
            9,
            PICTURES,
            "脐橙的九种吃法",
            "赣南脐橙",
            "榨汁、切花、烤橙子，一箱不够吃",
            "一箱橙子怎么吃不腻？我整理了九种吃法，最后一种孩子抢着吃。",
            _O.DAILY,
        ),
        _piece(
            9,
            20,
            LAUNCH,
            "新到：冻干草莓脆",
            "冻干草莓脆",
            "一斤鲜果一两脆，酸甜咔嚓",
            "新零食到了，整颗草莓冻干的，不是油炸。给孩子当零食，比薯片放心。",
            _O.NEW_PRODUCT,
        ),
        _piece(
            10,
            10,
            SCRIPT,
            "收到坏果怎么安抚",
            "赣南脐橙",
            "先道歉，再赔付，不争对错",
            "真对不住，路上磕碰了。你拍张照给我，坏几个我按个赔你，钱这就退，不用寄回来。",
            _O.CARE,
        ),
        _piece(
            11,
            20,
            ARTICLE,
            "妈妈的早餐桌：小米粥怎么熬出米油",
            "有机小米",
            "一把米，一锅水，三个小窍门",
            "早上一碗小米粥，胃里暖一天。熬出米油就三步，我写在里面了，照着做就行。",
            _O.DAILY,
        ),
        _piece(
            12,
            10,
            PICTURES,
            "厨房里的秋天",
            "古法压榨花生油",
            "小榨坊现压，炒菜满屋香",
            "小榨坊现压的花生油，炒个青菜都香。要的在群里接龙，周四统一到。",
            _O.DAILY,
        ),
        _piece(
            14,
            20,
            SCRIPT,
            "群里冷场，用一句话热起来",
            "每日坚果礼盒",
            "从一个小问题开始",
            "问问大家：今天早饭吃的啥？没吃的举手，我这儿有个一分钟搞定的办法。",
            _O.DAILY,
        ),
    ),
)
SKIN = Plan(
    "换季护肤不踩坑",
    "天一冷脸就干，这两周教大家简单三步，不买贵的只买对的。",
    "rose",
    (
        _piece(
            1,
            9,
            ARTICLE,
            "换季脸干起皮，先做对这三步",
            "氨基酸洁面慕斯",
            "洁面温和一点，皮肤就稳一半",
            "一到换季脸就起皮，多半是洗太干净了。先换温和的洁面，再补水、再锁水，三步就够。",
            _O.SEASON,
            "早上九点前发，大家正在洗脸",
        ),
        _piece(
            2,
            20,
            PICTURES,
            "补水面膜上脸实拍",
            "玻尿酸补水面膜",
            "服帖不滴水，敷完不用洗",
            "熬夜脸一敷就回来了，这片膜布薄，贴着不掉。我连用了三天，拍给你们看。",
            _O.DAILY,
        ),
        _piece(
            3,
            10,
            LAUNCH,
            "新到：角鲨烷身体乳",
            "角鲨烷身体乳",
            "秋冬小腿不再起白皮",
            "身体乳到了，推开就吸收，穿黑裤子也不怕白屑。味道很淡，老人孩子都能用。",
            _O.NEW_PRODUCT,
        ),
        _piece(
            4,
            9,
            SCRIPT,
            "敏感肌客户怎么问需求",
            "氨基酸洁面慕斯",
            "先问皮肤，再推产品",
            "你平时洗完脸会不会紧绷？两颊容易红吗？我先帮你看看该不该换洁面，别着急买。",
            _O.NEWCOMER,
        ),
        _piece(
            5,
            20,
            VIDEO,
            "一分钟学会防晒正确用量",
            "物理防晒乳",
            "两根手指的量，才算涂够",
            "很多人防晒没用，是涂少了。两根手指的量，看完你就会。",
            _O.DAILY,
        ),
        _piece(
            6,
            10,
            ARTICLE,
            "烟酰胺怎么用才不刺痛",
            "烟酰胺焕亮精华",
            "隔天用、薄涂、先建立耐受",
            "第一次用烟酰胺的姐妹，先隔天用，薄薄一层。按我写的来，不刺痛，28 天自己对比。",
            _O.DAILY,
        ),
        _piece(
            8,
            20,
            PICTURES,
            "口红试色：黄皮看过来",
            "丝绒哑光口红",
            "豆沙和正红，两支够一年",
            "黄皮姐妹闭眼入这两支：上班豆沙，吃席正红。试色图放里面了，不修图。",
            _O.DAILY,
        ),
        _piece(
            9,
            9,
            LAUNCH,
            "新到：山茶花护手霜",
            "山茶花护手霜",
            "不油不黏，包里常备",
            "做饭洗碗伤手，护手霜放水池边，洗完顺手抹。山茶花味，很舒服。",
            _O.NEW_PRODUCT,
        ),
        _piece(
            10,
            20,
            SCRIPT,
            "客户说「太贵了」怎么接",
            "烟酰胺焕亮精华",
            "算到每一天",
            "理解姐，我当初也嫌贵。一瓶用两个月，一天两块多，比一杯奶茶便宜。先试用装也行。",
            _O.REPURCHASE,
        ),
        _piece(
            11,
            10,
            ARTICLE,
            "头发掉得多？先别慌",
            "生姜防脱洗发水",
            "换季掉发正常，这样养",
            "换季多掉点头发是正常的，别吓自己。洗头水温降一点，头皮按两分钟，坚持两周看看。",
            _O.SEASON,
        ),
        _piece(
            12,
            20,
            PICTURES,
            "棉柔巾的十个用法",
            "云感棉柔巾",
            "洗脸、卸妆、擦桌子，一张不浪费",
            "毛巾用久了细菌多，换棉柔巾吧。洗完脸顺手擦台面，一张用两回。",
            _O.DAILY,
        ),
        _piece(
            14,
            10,
            SCRIPT,
            "回访：上次买的面膜好用吗",
            "玻尿酸补水面膜",
            "问感受，不推销",
            "姐，上次的面膜用着咋样？有没有哪里不舒服？用得好拍张图给我，我给你留下回的赠品。",
            _O.CARE,
        ),
    ),
)
KIDS = Plan(
    "宝贝入冬清单",
    "孩子穿的用的吃的，一次讲清楚，妈妈们照着买不费脑。",
    "sky",
    (
        _piece(
            1,
            9,
            ARTICLE,
            "入冬给孩子备这五样就够",
            "儿童保温杯",
            "不囤没用的，一张清单讲清",
            "入冬要给娃备啥？我列了五样，多一样都是浪费。第一样就是能自己拧开的保温杯。",
            _O.SEASON,
        ),
        _piece(
            2,
            20,
            PICTURES,
            "护脊书包实拍：背上轻一斤",
            "儿童护脊书包",
            "反光条、透气背，夜里更安全",
            "娃的书包越来越沉，这款背上真的轻。夜里反光，过马路我放心。",
            _O.DAILY,
        ),
        _piece(
            3,
            10,
            LAUNCH,
            "新到：婴儿润肤霜",
            "婴儿润肤霜",
            "换季红屁屁小帮手",
            "小月龄宝宝的润肤霜到了，成分表就几行，我自己家在用。",
            _O.NEW_PRODUCT,
        ),
        _piece(
            4,
            20,
            SCRIPT,
            "妈妈问「几岁能用」怎么答",
            "儿童保温杯",
            "先问月龄，再说清楚",
            "宝宝多大啦？三岁以上用吸管盖，上幼儿园自己能开；再小的话我给你推荐另一款。",
            _O.NEWCOMER,
        ),
        _piece(
            5,
            9,
            VIDEO,
            "一个积木，陪娃玩半小时",
            "儿童益智积木",
            "三种玩法，不用看手机",
            "周末下雨出不去？一盒积木玩半小时，三种玩法视频里都有。",
            _O.DAILY,
        ),
        _piece(
            6,
            20,
            ARTICLE,
            "辅食第一口怎么加",
            "宝宝辅食米粉",
            "从一勺高铁米粉开始",
            "六个月了该加辅食，第一口就加高铁米粉。怎么冲、冲多稠，我写清楚了。",
            _O.NEWCOMER,
        ),
        _piece(
            8,
            10,
            PICTURES,
            "纱布浴巾：越洗越软",
            "婴儿纯棉纱布浴巾",
            "六层纱布，裹娃刚刚好",
            "洗了二十多次的浴巾对比图，越洗越软不掉毛。当妈的都懂。",
            _O.DAILY,
        ),
        _piece(
            9,
            20,
            LAUNCH,
            "新到：孕妇哺乳靠枕",
            "孕妇哺乳靠枕",
            "托住腰，喂奶不累",
            "身边有怀孕的闺蜜吗？这个靠枕从孕期用到喂奶，比鲜花实在。",
            _O.NEW_PRODUCT,
        ),
        _piece(
            10,
            9,
            SCRIPT,
            "宝宝生日，怎么说一句贴心话",
            "儿童益智积木",
            "祝福在前，推荐在后",
            "小寿星今天一岁啦，祝平平安安长大！给宝贝留了份小礼物，有空过来拿。",
            _O.BIRTHDAY,
        ),
        _piece(
            11,
            20,
            ARTICLE,
            "奶渍、果汁、泥巴，怎么洗",
            "儿童洗衣液",
            "分清三种渍，一次洗净",
            "娃的衣服三天两头花一身？三种渍三个办法，配上酵素洗衣液一泡就掉。",
            _O.DAILY,
        ),
        _piece(
            12,
            10,
            PICTURES,
            "土鸡蛋的蛋黄到底什么颜色",
            "农家散养土鸡蛋",
            "橙红色，不是染的",
            "好多人问蛋黄为啥这么红，吃玉米和青草的。给娃蒸个蛋羹你就知道。",
            _O.DAILY,
        ),
        _piece(
            14,
            20,
            SCRIPT,
            "开学季，给老客户的一句提醒",
            "儿童护脊书包",
            "顺手提醒，不催单",
            "姐，冬令营快开始了，书包要换的话这两天下单能赶上，不急的话就等等。",
            _O.REPURCHASE,
        ),
    ),
)
WARM = Plan(
    "冬日暖心囤货季",
    "天冷人懒，家里囤点好吃好用的，这两周带大家把冬天过暖和。",
    "chili",
    (
        _piece(
            1,
            9,
            ARTICLE,
            "冬天第一锅：菌菇鸡汤",
            "云南野生菌汤包",
            "一包菌菇一只鸡，鲜掉眉毛",
            "天冷就想喝汤。七种野生菌一包搞定，扔进锅里一小时，鲜得不用放味精。做法在里面，收藏好。",
            _O.SEASON,
            "晚上再发一次自家汤锅的照片",
        ),
        _piece(
            1,
            20,
            SCRIPT,
            "入冬问候，怎么开口不尴尬",
            "手炒大麦茶",
            "先关心，再说事",
            "姐，今天降温了，出门加件衣服。家里大麦茶还有吗？晚上煮一壶暖暖的。",
            _O.CARE,
        ),
        _piece(
            2,
            10,
            PICTURES,
            "每日坚果礼盒，送长辈也体面",
            "每日坚果礼盒",
            "七种果仁，一天一包",
            "快到年底了，送长辈别送虚的。坚果礼盒一天一包，他们真的会吃完。",
            _O.FESTIVAL,
        ),
        _piece(
            3,
            9,
            LAUNCH,
            "新到：智利车厘子",
            "智利车厘子",
            "JJJ 大果，咬下去咔嚓一声",
            "第一批车厘子到港了，JJJ 大果，冷链到家。我尝过了，脆、甜、不涩，坏果包赔。",
            _O.NEW_PRODUCT,
        ),
        _piece(
            4,
            20,
            ARTICLE,
            "一床好被子，暖一整个冬天",
            "蚕丝被",
            "桐乡手工拉网，轻得像没盖",
            "被子太沉睡不好？蚕丝被贴身不压人，我家盖了三年没结块。怎么选斤数，里面讲清楚了。",
            _O.SEASON,
        ),
        _piece(
            5,
            10,
            VIDEO,
            "三分钟红豆薏米糊",
            "红豆薏米粉",
            "早餐不用熬，热水一冲",
            "早上没时间？热水一冲三分钟，红豆薏米糊就好了，暖胃又顶饿。",
            _O.DAILY,
        ),
        _piece(
            6,
            20,
            PICTURES,
            "香薰蜡烛，点一支就有冬天的味道",
            "桌面香薰蜡烛",
            "雪松与白茶，燃 40 小时",
            "下班回家点一支，雪松味，心一下就静了。送闺蜜也好看。",
            _O.FESTIVAL,
        ),
        _piece(
            7,
            9,
            SCRIPT,
            "周末群里发起接龙的开场白",
            "智利车厘子",
            "限量、时间、到货，三句说清",
            "周末接龙来啦：车厘子 2 斤装，今晚十点截单，周二统一到。要的直接接，先到先得。",
            _O.PROMOTION,
        ),
        _piece(
            8,
            20,
            LAUNCH,
            "新到：艾草足贴",
            "艾草足贴",
            "贴一晚，脚心暖",
            "手脚冰凉的姐妹看过来，睡前贴一片，脚心暖烘烘。孕期别用，皮肤破了也别用。",
            _O.NEW_PRODUCT,
        ),
        _piece(
            9,
            10,
            ARTICLE,
            "火锅怎么吃不上火",
            "手工红薯粉条",
            "先下菜，后下肉，粉条压轴",
            "一到冬天就想吃火锅。顺序吃对了不上火：先菜后肉，最后下粉条，久煮不断还吸味。",
            _O.DAILY,
        ),
        _piece(
            11,
            20,
            PICTURES,
            "四件套铺上那一刻",
            "全棉四件套",
            "60 支长绒棉，裸睡级",
            "换上新四件套，整个房间都亮了。60 支长绒棉，摸着凉，睡着暖。",
            _O.SEASON,
        ),
        _piece(
            13,
            9,
            ARTICLE,
            "给爸妈的年货清单，照着买就行",
            "手工芝麻核桃糕",
            "软糯不粘牙，老人咬得动",
            "爸妈什么都说不缺，其实是舍不得买。这份清单都是软的、健康的，他们一定用得上。",
            _O.FESTIVAL,
        ),
    ),
)

PAST = (AUTUMN, SKIN, KIDS)
CURRENT = WARM


def body_of(piece: Piece, *, subtitle: str, picture: Image, price: str) -> list[tuple[str, object]]:
    """An article's blocks: why, what, how to use it, and a line to remember."""
    return [
        ("paragraph", RichText(f"<p>{piece.text}</p>")),
        ("heading", "为什么值得试试"),
        (
            "paragraph",
            RichText(
                f"<p>{piece.product}，{subtitle}。我们的选品同事跑了产地，又请三十位群主在家试了两周，"
                "留下来的理由很简单：<b>好用，而且愿意再买一次</b>。</p>"
            ),
        ),
        ("picture", {"image": picture, "caption": f"{piece.product}，{subtitle}"}),
        ("heading", "怎么用更好"),
        (
            "points",
            ["开封后尽快用完，放在阴凉干燥处", "第一次先少买一点，全家喜欢再囤", "有问题拍照给我，当天处理"],
        ),
        ("quote", f"{piece.summary}。"),
        ("paragraph", RichText(f"<p>现在 {price}，想要的直接点下面的卡片，或者在群里跟我说一声。</p>")),
    ]
