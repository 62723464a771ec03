//! Where a message leads: each change of a link is rated as a reviewer would.

use super::pairs::SHOP;
use super::{difference, line};

/// What is told of the links when the link to the cart becomes another text.
fn links(old: &str, new: &str) -> Vec<String> {
    let with = |link: &str| SHOP.replace("<a href='https://shop.example.com/Cart'>Cart</a>", link);
    let changes = difference(&with(old), &with(new)).changes;
    changes.iter().filter(|it| it.slug.word().starts_with("link-")).map(line).collect()
}

#[test]
fn each_change_of_a_link_is_rated() {
    let secure = "<a href='https://shop.example.com/Cart'>Cart</a>";
    let html = "message.offer.email.html";
    let cases = [
        (
            secure,
            "<a href='http://shop.example.com/Cart'>Cart</a>",
            "danger link-added HTML | https://shop.example.com/Cart -> http://shop.example.com/Cart",
        ),
        (
            "<a href='http://shop.example.com/Cart'>Cart</a>",
            secure,
            "note link-added HTML | http://shop.example.com/Cart -> https://shop.example.com/Cart",
        ),
        (
            secure,
            "<a href='https://evil.example.org/Cart'>Cart</a>",
            "danger link-host-changed HTML | https://shop.example.com/Cart -> https://evil.example.org/Cart",
        ),
        (
            secure,
            "<a href='//evil.example.org/Cart'>Cart</a>",
            "danger link-host-changed HTML | https://shop.example.com/Cart -> //evil.example.org/Cart",
        ),
        (
            secure,
            "<a href='https://shop.example.com@evil.example.org/'>Cart</a>",
            "danger link-host-changed HTML | https://shop.example.com/Cart -> https://shop.example.com@evil.example.org/",
        ),
        (
            secure,
            "<a href='https://shop.example.com/Basket'>Cart</a>",
            "review link-added HTML | https://shop.example.com/Cart -> https://shop.example.com/Basket",
        ),
        (
            secure,
            "<a href=\"javascript:alert(1)\">Cart</a>",
            "danger link-added HTML | https://shop.example.com/Cart -> javascript:alert(1)",
        ),
        (
            secure,
            "<a HREF = ' JavaScript :alert(1)'>Cart</a>",
            "danger link-added HTML | https://shop.example.com/Cart -> JavaScript",
        ),
        (
            secure,
            "<a href='data:text/html,x'>Cart</a>",
            "danger link-added HTML | https://shop.example.com/Cart -> data:text/html,x",
        ),
        (
            secure,
            "<a href='$data.code.code'>Cart</a>",
            "review link-added HTML | https://shop.example.com/Cart -> $data.code.code",
        ),
    ];
    for (old, new, told) in cases {
        let new = new.replace('"', "\\\"");
        let found = links(old, &new);
        let told = told.replace("HTML", html);
        assert!(matches!(found.as_slice(), [one] if one.starts_with(&told)), "{old} → {new}: {found:#?}");
    }
}

/// What browsers take for a link to another host, however it is written.
#[test]
fn a_link_in_disguise_is_a_link() {
    let html = [
        "<a href='/\\\\evil.example.org/x'>C</a>",
        "<a href='\\\\\\\\evil.example.org/x'>C</a>",
        "<a href='https:\\\\evil.example.org/x'>C</a>",
        "<a href='https:/evil.example.org/x'>C</a>",
        "<a href='https:evil.example.org/x'>C</a>",
        "<a href='https&#58;//evil.example.org/x'>C</a>",
        "<a href='&#x2f;/evil.example.org/x?a#b'>C</a>",
        "<a href='&#106;avascript:alert(1)'>C</a>",
        "<a href='java&Tab;script&colon;alert(1)'>C</a>",
        "<a href='java\tscript:alert(1)'>C</a>",
        "<td background='//evil.example.org/x.png'></td>",
        "<img srcset='//evil.example.org/x.png 2x'>",
        "<p style='background: url(//evil.example.org/x.png)'></p>",
    ];
    for link in html {
        let found = links("<a href='https://shop.example.com/Cart'>Cart</a>", link);
        assert!(matches!(found.as_slice(), [one] if one.starts_with("danger link-")), "{link}: {found:#?}");
    }
    // A text has no comments that people do not see.
    let new = SHOP.replace("News. ", "News. <!-- https://evil.example.org/x --> ");
    let told: Vec<String> = difference(SHOP, &new).changes.iter().map(line).collect();
    assert!(told.iter().any(|it| it.starts_with("danger link-host-changed")), "{told:#?}");
}

/// A picture in the mail itself, an address to write to and a place on the page lead nowhere else.
#[test]
fn what_leads_nowhere_is_no_link() {
    for quiet in [
        "<img src='data:image/png;base64,AA'>",
        "<a href='mailto:a@example.com'>Write</a>",
        "<a href='#top'>Up</a>",
        "<img src='$data.code.code'>",
    ] {
        assert_eq!(links("Cart", quiet), Vec::<String>::new(), "{quiet}");
    }
}
