"""What the demo begins with: organisation, people, catalog, shelves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, Organisation, User
from apps.catalog import services as catalog
from apps.catalog.models import Brand, Category, Product, ProductPicture, Sku, Supplier
from apps.console.demo import catalogue, names, pictures
from apps.lib import money
from apps.media import services as media

#: The demo sign-ins at HQ: (username, name, role). None is a superuser.
STAFF = (
    ("hq", "总部小何", roles.ADMIN),
    ("editor", "编辑小顾", roles.EDITOR),
    ("reviewer", "审核小方", roles.REVIEWER),
)
PASSWORD = "demo-only-1"

Progress = Callable[[str, int, int], None]


def organisations() -> dict[str, Organisation]:
    made: dict[str, Organisation] = {}
    for kind, name, parent in names.ORGANISATIONS:
        fields = {"name": name, "kind": kind}
        # treebeard keeps child counts on the object in hand, so read the parent anew.
        made[name] = (
            Organisation.objects.get(pk=made[parent].pk).add_child(**fields)
            if parent
            else Organisation.add_root(**fields)
        )
    return made


def staff(places: dict[str, Organisation], *, now: datetime) -> dict[str, User]:
    made: dict[str, User] = {}
    for username, name, role in STAFF:
        user = User.objects.create(
            username=username,
            first_name=name,
            password=make_password(PASSWORD),
            organisation=places["禾里好物"],
            date_joined=now - timedelta(days=400),
        )
        user.groups.add(Group.objects.get(name=role))
        made[username] = user
    return made


def hosts(places: dict[str, Organisation], *, dice: Random, now: datetime, actor: User) -> list[Host]:
    """40 active hosts; the three demo sign-ins have a password, all have a WeCom account."""
    named = {row[0] for row in names.NAMED_HOSTS}
    made = []
    for username, name, kind, place, tagline in names.hosts():
        made.append(
            accounts.create_host(
                username=username,
                name=name,
                kind=kind,
                organisation=places[place],
                now=now - timedelta(days=dice.randint(120, 400)),
                wecom_userid=username,
                level=dice.choice((1, 1, 2, 2, 3)),
                tagline=tagline,
                password=PASSWORD if username in named else None,
                actor=actor,
            )
        )
    return made


_SOLD_OUT = 58


def products(*, by: User, dice: Random, progress: Progress) -> list[Product]:
    """60 products with pictures, prices and stock. A few are scarce, one that no plan names is sold out."""
    categories = {
        name: Category.objects.create(name=name, position=place)
        for place, name in enumerate(catalogue.CATEGORIES)
    }
    brand = Brand.objects.create(name="禾里")
    suppliers = [Supplier.objects.create(name=name) for name in catalogue.SUPPLIERS]
    made = []
    for number, good in enumerate(catalogue.GOODS, start=1):
        product = Product.objects.create(
            title=good.title,
            subtitle=good.subtitle,
            description=f"{good.title}，{good.subtitle}。禾里选品同事到产地看过，三十位群主在家试用两周后上架。",
            category=categories[good.category],
            brand=brand,
            supplier=suppliers[number % len(suppliers)],
            status=Product.Status.ACTIVE,
            commission_bp=good.percent * 100,
        )
        price = money.parse_yuan(good.price)
        for place, spec in enumerate(good.specs):
            retail = price if place == 0 else price * 19 // 10 // 10 * 10
            Sku.objects.create(
                product=product,
                code=f"HL{number:03d}{place + 1}",
                name=spec,
                retail_price_fen=retail,
                supply_price_fen=retail * 6 // 10,
                floor_price_fen=retail * 85 // 100,
                stock=0 if number == _SOLD_OUT else dice.choice((12, 60, 200, 480, 900)),
            )
        drawn = [
            media.GeneratedPicture(
                title=f"{good.title} {place}", content=content, description=f"{good.title}：{good.subtitle}"
            )
            for place, content in enumerate(
                pictures.product_pictures(good.title, shape=good.shape, tone=good.tone), start=1
            )
        ]
        ProductPicture.objects.bulk_create(
            ProductPicture(product=product, image=image, position=place)
            for place, image in enumerate(media.add_generated_pictures(drawn, by=by))
        )
        made.append(product)
        progress("商品与图片", number, len(catalogue.GOODS))
    return made


_PITCHES = ("自己家一直在用", "回购最多的一款", "孩子爱吃", "送人不出错", "这个价很值", "老客户都说好", "")


def shelves(
    hosts: list[Host], products: list[Product], *, dice: Random, now: datetime
) -> dict[int, list[Product]]:
    """Each host picks 8 to 16 products; host id → products."""
    chosen: dict[int, list[Product]] = {}
    for host in hosts:
        chosen[host.pk] = dice.sample(products, dice.randint(8, 16))
        for product in chosen[host.pk]:
            item = catalog.add_to_shelf(host, product, now=now - timedelta(days=dice.randint(1, 80)))
            pitch = dice.choice(_PITCHES)
            if pitch:
                catalog.edit_shelf_item(item, prices={}, pitch=pitch, now=now)
    return chosen
