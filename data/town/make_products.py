"""Make products_zh.csv: Chinese names for the stock codes of the UCI Online Retail data set, word by word from glossary.csv.

`python make_products.py online_retail.parquet`. Needed only when the file is to be made anew. A description is cut into the longest phrases of the
glossary; words it lacks are dropped; sets and packs become 件套 and 件装, `with X` becomes 带X, a colour at the end moves to the front.
"""

import csv
import re
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
SERVICES = {
    "POST": "邮费",
    "DOT": "网店邮费",
    "C2": "运费",
    "D": "折扣",
    "M": "手工单",
    "m": "手工单",
    "S": "样品",
    "B": "坏账调整",
    "BANK CHARGES": "银行手续费",
    "AMAZONFEE": "平台佣金",
    "CRUK": "公益捐赠",
    "PADS": "抱枕芯配件",
    "23444": "次日达运费",
    "23595": "盘点调整",
    "23702": "高清图片",
}
LEADING = (
    *("JUMBO", "LUNCH BAG", "CHARLOTTE BAG", "ALARM CLOCK", "RECIPE BOX", "WRAP ", "CARD ", "PAPER CHAIN", "JIGSAW", "NUMBER TILE", "TREASURE TIN"),
    *("GIFT BAG", "TEA TOWEL", "DOORMAT", "HOT WATER BOTTLE", "CAKE TIN", "APRON", "OVEN MITT", "MUG ", "PASSPORT COVER", "NOTEBOOK", "WALL ART"),
)
"""A description that begins with one of these names its thing first and its pattern afterwards."""
FEASTS = {"圣诞", "复活节", "圣诞老人", "万圣节", "情人节"}
THEMES = FEASTS | {"生日", "婚礼", "派对", "花园", "降临节", "灯笼", "镶宝石"}
DIGITS = ["TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "TEN"]
NUMBER = r"(\d+|" + "|".join(DIGITS) + ")"
SETS = re.compile(rf"\b(?:SET\s*/?\s*(?:OF\s*)?|S/){NUMBER}\b|\b{NUMBER}\s*(?:PIECE|PC)\s*(?:SET)?\b|\bSET\s+OF\s+A?\b")
PACKS = re.compile(rf"\b(?:PACK\s*/?\s*(?:OF\s*)?|P/|PK\s*/?\s*|BOX\s*(?:OF\s*|/)){NUMBER}\b|\b{NUMBER}\s*PACK\b")
NOTES = re.compile(r"(?i)\b(thrown? away|damage|destroyed|unsaleable|found|ebay|check|wrong|sold as|missing|lost|crushed|wet|rusty|mouldy|adjust)")


def glossary() -> tuple[dict[tuple[str, ...], str], dict[str, str]]:
    """(phrase → Chinese, Chinese → category of things it names)."""
    words, categories = {}, {}
    with open(HERE / "glossary.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            words[tuple(row["english"].split())] = row["chinese"]
            if row["category"]:
                categories[row["chinese"]] = row["category"]
    return words, categories


def count(match: re.Match[str]) -> int:
    found = next((group for group in match.groups() if group), "")
    return DIGITS.index(found) + 2 if found in DIGITS else int(found or 0)


def pieces(text: str, words: dict[tuple[str, ...], str]) -> list[str]:
    tokens = re.findall(r"[A-Z0-9'&+.]+", re.sub(r"T-\s*LIGHT", "T LIGHT", text).replace("/", " ").replace("-", " "))
    found, at = [], 0
    while at < len(tokens):
        for size in range(min(6, len(tokens) - at), 0, -1):
            phrase = tuple(tokens[at : at + size])
            known = words.get(phrase) or words.get((phrase[0].rstrip("."),) if size == 1 else ())
            if known:
                found.append(known)
                at += size
                break
        else:
            if re.fullmatch(r"\d+(\.\d+)?(CM|G|ML|M)", tokens[at]) or re.fullmatch(r"A\d", tokens[at]):
                found.append(tokens[at].lower() if tokens[at][0] != "A" else tokens[at])
            at += 1
    return [piece for n, piece in enumerate(found) if n == 0 or piece != found[n - 1]]


def phrase(text: str, words: dict[tuple[str, ...], str], categories: dict[str, str]) -> tuple[str, str]:
    """(Chinese, category or nothing) of one noun phrase: the thing comes last, what stood behind it moves to the front."""
    found = pieces(text, words)
    things = [n for n, piece in enumerate(found) if piece in categories and piece not in THEMES]
    if things:
        head = things[0] if text.strip().startswith(LEADING) else things[-1]
        tail = found[head + 1 :]
        found = [*(piece for piece in tail if piece != "套装"), *found[: head + 1], *(piece for piece in tail if piece == "套装")]
        category = categories[found[-1] if found[-1] != "套装" else found[-2]]
    else:
        category = next((categories[piece] for piece in reversed(found) if piece in categories), "")
    if any(piece in FEASTS for piece in found):
        category = "节日装饰"
    return "".join(dict.fromkeys(found)), category


def name(description: str, words: dict[tuple[str, ...], str], categories: dict[str, str]) -> tuple[str, str]:
    text = " ".join(description.upper().replace(",", " ").replace("*", " ").split())
    suffix = ""
    if match := PACKS.search(text):
        suffix, text = (f"{count(match)}件装" if count(match) else ""), text[: match.start()] + " " + text[match.end() :]
    elif match := SETS.search(text):
        suffix, text = (f"{count(match)}件套" if count(match) else "套装"), text[: match.start()] + " " + text[match.end() :]
    elif match := re.match(r"(\d+) (?!TIER|DRAWER|HOOK|POINT|STRAND|CM)", text):
        suffix, text = f"{match.group(1)}件装", text[match.end() :]
    text = text.strip()
    number = re.fullmatch(r"NUMBER TILE.* (\d)", text)
    parts = re.split(r" (?:WITH |W/ ?|W )", text, maxsplit=1)
    inside = re.fullmatch(r"(.+) IN (?:AN? )?(.+)", parts[0])
    if inside and (wrapped := phrase(inside.group(2), words, categories))[1]:
        inner, category = phrase(inside.group(1), words, categories)
        main = f"{wrapped[0]}装{inner}" if inner else wrapped[0]
    else:
        main, category = phrase(parts[0], words, categories)
    if len(parts) > 1:
        extra, other = phrase(parts[1], words, categories)
        main = f"带{extra}的{main}" if extra and main else main or extra
        category = category or other
    if suffix.endswith("套"):
        main = main.removesuffix("套装")
    main += number.group(1) + "号" if number else ""
    main = main.replace("圣诞圣诞", "圣诞").replace("烘焙烘焙", "烘焙")
    return (main + suffix if main else ""), category


def main(source: str) -> None:
    words, categories = glossary()
    query = """
        with described as (
            select StockCode, trim(Description) as text, count(*) as times,
                   count(*) filter (where UnitPrice > 0 and Quantity > 0) as lines
            from read_parquet($source) group by all
        ),
        named as (
            select StockCode,
                   first(text order by lines desc, text) filter (where text = upper(text) and lines > 0) as usual,
                   first(text order by times desc, text) filter (where text is not null) as any_name,
                   sum(lines) as lines
            from described group by StockCode
        ),
        priced as (
            select StockCode, median(UnitPrice) as price from read_parquet($source) where UnitPrice > 0 and Quantity > 0 group by StockCode
        )
        select StockCode, usual, any_name, lines, coalesce(price, 0) as price from named left join priced using (StockCode) order by StockCode
    """
    rows, lost = [], []
    for sku, usual, any_name, lines, price in duckdb.execute(query, {"source": source}).fetchall():
        if sku in SERVICES:
            rows.append((sku, SERVICES[sku], "其他", f"{price:.2f}", lines, "service"))
            continue
        description = usual or any_name or ""
        if voucher := re.search(r"Gift Voucher £(\d+)", description, re.IGNORECASE):
            rows.append((sku, f"{voucher.group(1)}元礼品券", "其他", f"{price:.2f}", lines, "service"))
            continue
        chinese, category = ("", "") if NOTES.search(description) and not usual else name(description, words, categories)
        if not chinese or re.fullmatch(r"[\d件套装]+", chinese):
            lost.append((sku, description))
            chinese = f"未命名商品{sku}"
        rows.append((sku, chinese, category or ("家居装饰" if chinese[:3] != "未命名" else "其他"), f"{price:.2f}", lines, "product"))
    with open(HERE / "products_zh.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sku", "name", "category", "price", "weight", "kind"])
        writer.writerows(rows)
    sys.stdout.write(f"{len(rows)} codes, {len(lost)} without a name; of those sold: {[pair for pair in lost if pair[1]]}\n")


if __name__ == "__main__":
    main(sys.argv[1])
