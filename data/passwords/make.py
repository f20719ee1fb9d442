"""Writes `common.txt` beside this file: passwords that everybody tries first. `python data/passwords/make.py`

Nothing is copied from a leak. Well-known passwords, keyboard walks, repeated and counted digits, dates and years, and Chinese names and words in pinyin
are combined in the ways that guessing tools try first; only those of at least eight characters are kept, because shorter ones are refused anyway.
"""

from itertools import product
from pathlib import Path

SHORTEST = 8
MOST = 6000

WELL_KNOWN = """
password passw0rd p@ssword p@ssw0rd pa55word pass1234 password1 password12 password123 password1234 password! letmein1 letmein123 welcome1 welcome123
iloveyou iloveyou1 iloveyou2 sunshine sunshine1 princess princess1 football football1 baseball baseball1 superman superman1 batman123 trustno1 starwars
whatever computer internet michelle jennifer jessica1 ashley123 michael1 charlie1 jordan23 liverpool chelsea1 arsenal1 barcelona realmadrid
dragon123 monkey123 shadow123 master123 qwerty123 qwerty12 qwertyui qwertyuiop asdfghjk asdfghjkl zxcvbnm1 zxcvbnm123 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y
1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1xsw2 q1w2e3r4 q1w2e3r4t5 qazwsxedc qazwsx123 qweasdzxc qweasd123 qwe12345 asd12345 zxc12345 abc12345 abcd1234
abcdefgh abcdefg1 abcabcabc a1234567 a12345678 a123456789 aa123456 aaa12345 aa12345678 ab123456 abc123456 abc123123 admin123 admin1234 admin12345 admin888
administrator root1234 root12345 rootroot toor1234 test1234 test12345 testtest guest123 user1234 useruser changeme changeme1 changeme123 default1 secret12
secret123 secretsecret access14 mustang1 corvette mercedes ferrari1 porsche1 yamaha12 hellokitty hello123 hello1234 helloworld google123 facebook linkedin
taobao123 alipay123 weixin123 wechat123 tencent1 qq123456 qqqq1111 baidu123 huawei123 xiaomi123 siyu1234 siyu12345 siyu123456 siyu2024 siyu2025 siyu2026
woaini123 woaini1314 woaini520 woaini521 woaiwoziji woaiwojia wodemima mima1234 mimamima nihao123 nihaoma1 zhongguo zhongguo1 beijing2008 shanghai wojiushiwo
5201314a a5201314 aini1314 iloveyou520 iloveyou1314 521521521 520520520 5201314520 1314520520 13145201314 woaini5201314 wangluo1
p@55w0rd p@ssw0rd1 p@ssw0rd123 admin@123 admin@1234 admin#123 root@123 test@123 abc@1234 qwer@1234 qwer1234 asdf1234 zxcv1234 asdfasdf qwerqwer zxcvzxcv
asdf123456 qwer123456 qwert12345 asdfg12345 zxcvb12345 poiuytrewq lkjhgfdsa mnbvcxz1 0987654321 9876543210 147258369 147852369 159357456 159753456 741852963
789456123 987654321 963852741 123654789 321654987 258369147 123456789a 123456789q 12345678a 12345678q 1234567a 1234567q 123456aa 123456ab 123456abc 123abc123
a1b2c3d4 a1b2c3d4e5 1a2b3c4d 1234qwer 12345qwert 123qweasd 123qwe123 123qweasdzxc q1234567 q123456789 w1234567 z1234567 z123456789 zz123456 zzz12345
"""
WALKS = (
    "1234567890",
    "0987654321",
    "qwertyuiop",
    "poiuytrewq",
    "asdfghjkl",
    "lkjhgfdsa",
    "zxcvbnm",
    "mnbvcxz",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb",
    "!@#$%^&*()",
    "qazwsxedcrfvtgb",
    "1q2w3e4r5t6y7u8i",
    "q1w2e3r4t5y6u7i8",
    "147258369",
    "789456123",
    "159357",
    "123321",
    "1234554321",
    "zaq1xsw2cde3vfr4",
)
SURNAMES = """wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin luo zheng
liang song tang deng feng han cao zeng peng xiao cai pan tian dong yuan yu"""
GIVEN = "wei fang na min jing lei jun yang yong jie juan tao ming chao xia ping gang hong li ling yan hui bo bin fei ting xin hao peng lin"
STEMS = """woaini woaiwo zhangsan lisi wangwu laogong laopo baobao baobei mima admin admins password passwd qwerty asdfgh zxcvbn abcdef iloveyou dragon monkey
 master shadow welcome letmein siyu weixin wechat wecom qiyeweixin huiyuan dianpu kefu daogou yunying shanghai beijing guangzhou shenzhen hangzhou chengdu
 wuhan nanjing chongqing tianjin suzhou xian zhongguo china hello test user guest root system manager company office shop store sales"""
TAILS = (
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "0",
    "00",
    "000",
    "111",
    "1111",
    "222",
    "321",
    "520",
    "521",
    "666",
    "6666",
    "777",
    "888",
    "8888",
    "999",
    "1314",
    "5201314",
    "168",
    "188",
    "@123",
    "@1234",
    "@123456",
    "#123",
    "!",
    "!!",
    "123!",
    "2020",
    "2021",
    "2022",
    "2023",
    "2024",
    "2025",
    "2026",
)


def digits():
    """Repeated, counted and dated digits."""
    for digit in "0123456789":
        yield from (digit * n for n in range(8, 13))
    for pair in ("12", "21", "13", "52", "88", "66", "69", "01", "10", "99"):
        yield from ((pair * 6)[:n] for n in (8, 10, 12))
    for block in (
        "123",
        "321",
        "520",
        "521",
        "168",
        "666",
        "147",
        "159",
        "1234",
        "4321",
        "1314",
        "1122",
        "1111",
        "2222",
        "8888",
        "5201",
        "123123",
        "112233",
        "123321",
        "654321",
    ):
        yield from (block * n for n in (2, 3, 4))
    yield from (
        "11223344",
        "1122334455",
        "112233445566",
        "11112222",
        "12344321",
        "123454321",
        "1234554321",
        "12341234",
        "1234512345",
        "123123123",
        "88888888",
        "87654321",
        "10203040",
    )
    for year in range(1960, 2027):
        yield from (f"{year}{tail}" for tail in ("0101", "0214", "0501", "0520", "0808", "1001", "1111", "1212", "1225", "1231"))
        yield f"{year}{year}"


def walks():
    """Runs along the keyboard, their doubles and their small continuations."""
    for walk in WALKS:
        for start in range(len(walk)):
            for length in range(4, 13):
                run = walk[start : start + length]
                if len(run) < length:
                    continue
                yield run
                yield run + run
                yield from (run + tail for tail in ("1", "12", "123", "!", "1234", "666"))


def words():
    """Words and names with the usual endings."""
    yield from (stem + tail for stem, tail in product(STEMS.split(), TAILS))
    yield from (stem + stem for stem in STEMS.split())
    names = [surname + given for surname, given in product(SURNAMES.split()[:16], GIVEN.split()[:16])]
    yield from (name + tail for name, tail in product(names[:120], ("123", "1234", "123456", "520", "1314", "888", "666")))
    yield from (
        surname + tail for surname, tail in product(SURNAMES.split(), ("123456", "1234567", "12345678", "123456789", "5201314", "888888", "666666", "123123"))
    )


def main():
    """Write the list, most obvious first, each once, in small letters."""
    chosen = dict.fromkeys(word for source in (WELL_KNOWN.split(), digits(), words(), walks()) for word in source if len(word) >= SHORTEST)
    head = "# Passwords that are refused. Made by make.py from patterns, well-known ones and pinyin; nothing copied from a leak.\n"
    (Path(__file__).parent / "common.txt").write_text(head + "".join(f"{word}\n" for word in list(chosen)[:MOST]), encoding="utf-8")


main()
