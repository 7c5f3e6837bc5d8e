"""People at work in a real browser: signed in over http on this machine, in both languages, without a script."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from api.session_cookie import SESSION
from ledger.entry import format_time
from service.db.webhook_tables import webhook
from service.people import accounts, applications
from service.people.accounts import Invited
from service.people.acts import By
from service.people.entering import make_person
from service.people.roles import PersonRole
from service.webhooks import outbox
from service.webhooks.outbox import Attempt
from service.webhooks.outcomes import Outcome
from service.webhooks.subscriptions import Wanted, add_webhook
from tests.pages.desk import open_page, sign_in
from tests.pages.life import Story, open_story

pytestmark = pytest.mark.browser

AUTHORITY, MAKER = "cq-city", "cq-cells"
NEW = "three words together"
BODY = {"name": "重庆再生", "region": "500107", "roles": ["recycler"]}
HOOK = "01890a5d-ac96-774b-bcce-b302099a8057"
HOOKS = ("/desk/webhooks", f"/desk/webhooks/{HOOK}")
SIGNED_IN = (
    "/desk",
    "/desk/people",
    "/desk/keys",
    "/desk/applications",
    "/account",
    "/desk/labels",
    "/desk/webhooks",
    f"/desk/webhooks/{HOOK}",
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Story]:
    """A register where somebody waits for a decision and somebody asks for a password."""
    told = open_story(tmp_path_factory.mktemp("desk") / "register", database_url)
    with told.register.write_beside() as connection:
        now = told.register.clock()
        applications.apply(connection, BODY, "李伟 023-1234", now=now)
        accounts.invite(connection, Invited(AUTHORITY, "zhao.liu", "赵六", PersonRole.READER), By("", now))
        accounts.ask_for_recovery(connection, "zhao.liu", now=now)
        wanted = Wanted("https://hooks.example.cn/batteries", ("sell",), ("maker",))
        add_webhook(connection, AUTHORITY, wanted, reach=told.register.settings.webhooks, now=now)
        connection.execute(webhook.update().values(id=HOOK, failures=2, next_at=format_time(now)))
        outbox.note(connection, [], [Attempt(HOOK, HOOK, "sell", 7, now, Outcome.REFUSED, 503, 12)], now=now)
    yield told
    told.register.close()


@pytest.fixture(scope="module")
def cookie(story: Story) -> str:
    """Of a session of the authority's administrator."""
    return sign_in(story, AUTHORITY, "admin.one")


def test_a_page_for_people_loads_and_says_nothing_else(browser: Browser, address: str, cookie: str) -> None:
    page, fetched, said = open_page(browser, address, "en-GB", cookie), list[str](), list[str]()
    page.on("request", lambda request: fetched.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for path in SIGNED_IN:
        page.goto(address + path)
    others = {url for url in fetched if url not in {address + path for path in SIGNED_IN}}
    assert [url for url in others if not url.startswith(f"{address}/static/")] == []
    assert said == []
    page.context.close()


@pytest.mark.both_engines
def test_an_administrator_and_a_new_colleague_meet_without_a_script(
    browser: Browser, address: str, story: Story
) -> None:
    with story.register.write_beside() as connection:
        invited = Invited(MAKER, "wang.fang", "王芳", PersonRole.ADMIN)
        _, password = make_person(connection, invited, By("", story.register.clock()))
    page = open_page(browser, address, "en-GB", None, java_script_enabled=False)
    page.goto(f"{address}/desk/people")
    page.get_by_label("Login").fill("wang.fang")
    page.get_by_label("Password").fill("not this one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("login or password is not right")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Set up an authenticator app").click()
    page.get_by_text("Or type the key").click()
    app = pyotp.TOTP(page.locator(".secret").inner_text().replace(" ", ""))
    page.get_by_label("Code of the authenticator app").fill(app.at(story.register.clock()))
    page.get_by_role("button", name="Confirm the code").click()
    page.get_by_role("navigation").get_by_role("link", name="People").click()
    page.get_by_label("Name", exact=True).fill("Li Wei")
    page.get_by_label("Login", exact=True).fill("li.wei")
    page.get_by_label("Role", exact=True).select_option(label="recorder")
    page.get_by_role("button", name="Make an invitation").click()
    link = page.locator(".secret").inner_text()
    assert re.fullmatch(r"https://id\.example\.cn/join/[A-Za-z0-9_-]{43}", link)

    other = open_page(browser, address, "zh-CN", None, java_script_enabled=False)
    other.goto(address + urlsplit(link).path)
    other.get_by_label("新密码").fill(NEW)
    other.get_by_role("button", name="设置密码并登录").click()
    expect(other.locator("h1")).to_have_text("Li Wei，您好")
    [kept] = other.context.cookies()
    assert (kept["name"], kept["secure"], kept["httpOnly"], kept["sameSite"]) == (SESSION, True, True, "Lax")

    page.get_by_role("navigation").get_by_role("link", name="People").click()
    page.get_by_role("button", name="Disable the account of Li Wei").click()
    expect(page.locator("main")).to_contain_text("li.wei · recorder · disabled")
    other.reload()
    assert urlsplit(other.url).path == "/login"
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    assert [each["name"] for each in page.context.cookies()] == [f"{SESSION}-form"]
    page.goto(f"{address}/desk")
    assert urlsplit(page.url).path == "/login"
    for each in (page, other):
        each.context.close()


@pytest.mark.parametrize(("same_site", "path"), [("Lax", "/login"), ("None", "/logout")])
def test_a_form_of_another_site_changes_nothing(
    browser: Browser, address: str, cookie: str, same_site: str, path: str
) -> None:
    """The cookie stays at home; where a browser sent it all the same, the request is refused for its origin."""
    page = open_page(browser, address, "en-GB", cookie, same_site=same_site)
    elsewhere = address.replace("127.0.0.1", "localhost")
    form = f"""<form action="{address}/logout" method="post"><button>x</button></form>"""
    page.route(f"{elsewhere}/evil", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto(f"{elsewhere}/evil")
    page.get_by_role("button").click()
    page.wait_for_url(f"{address}/**")
    assert urlsplit(page.url).path == path
    page.goto(f"{address}/desk")
    assert urlsplit(page.url).path == "/desk"
    page.context.close()
