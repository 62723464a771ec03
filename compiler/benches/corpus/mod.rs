//! A large project, made up: 10,000 workflows in 1,000 files with the webhooks and messages that they use, about 30 MB.
//!
//! Every file is an area of a shop, and everything in it differs from the other files in names, words and numbers, so that
//! nothing is read twice. What a company shares stands in `shared.wf`: events, the contact card, connectors, segments.

use std::fmt::Write;

/// The files of a project: paths and texts.
pub(crate) type Files = Vec<(String, String)>;

const TOWNS: [&str; 8] = ["Kyiv", "Lviv", "Gdańsk", "Wrocław", "Brno", "Graz", "Porto", "Ghent"];
const GOODS: [&str; 8] = ["lamps", "kettles", "bicycles", "чашки", "blankets", "skis", "notebooks", "садові ножиці"];
const SEASONS: [&str; 6] = ["spring", "summer", "autumn", "winter", "holiday", "weekend"];

/// A project of `files` files with `each` workflows in each of them.
pub(crate) fn project(files: usize, each: usize) -> Files {
    let mut project = vec![("shared.wf".to_owned(), shared())];
    for file in 0..files {
        let mut text = format!("// Area {file}: {} in {}.\n", pick(&GOODS, file), pick(&TOWNS, file / 8));
        for number in 0..each {
            area(&mut text, file * each + number);
        }
        project.push((format!("areas/{:02}/area_{file:04}.wf", file / 50), text));
    }
    for number in 0..files.div_ceil(20) {
        project.push((format!("mail/letter_{number}.html.vm"), letter(number)));
    }
    project
}

fn pick<'w>(words: &[&'w str], number: usize) -> &'w str {
    words[number % words.len()]
}

fn shared() -> String {
    let mut text = String::from(SHARED);
    for number in 0..20 {
        // Writing to a `String` does not fail.
        let _ = write!(
            text,
            "\n/// Something happened to an order, kind {number}.\nevent order_{number} {{\n  email: email\n  order_id: string\n  \
             total: decimal\n  items: [{{ sku: string, title: string, qty: int, price: decimal }}]\n  plan: \"free\" | \"pro\" | \
             \"team\"\n  coupon: string?\n  placed_at: datetime\n}}\n"
        );
    }
    text
}

const SHARED: &str = r#"// What all areas share.

contact {
  /// How much the customer has bought.
  tier: "bronze" | "silver" | "gold" = "bronze"
  score: decimal?
  visits: int = 0
  favourite: string?
  newsletter: bool = false
  last_order: datetime?
}

connector crm bearer {
  token secret("CRM_TOKEN")
}

connector shop api_key {
  header "X-Api-Key"
  key secret("SHOP_KEY")
}

segment loyal {
  contact.tier == "gold" or contact.tier == "silver" and contact.visits > 10
}

segment readers {
  contact.newsletter and contact.email is set
}
"#;

/// A workflow, the webhooks that it calls and the messages that it sends.
fn area(text: &mut String, number: usize) {
    let (goods, town, season) = (pick(&GOODS, number), pick(&TOWNS, number / 3), pick(&SEASONS, number / 5));
    let event = number % 20;
    let letter = number / 200;
    let percent = 5 + number % 40;
    let hours = 1 + number % 23;
    let segment = if number.is_multiple_of(2) { "loyal" } else { "readers" };
    let _ = write!(
        text,
        r##"
/// Offers {goods} to customers in {town} who ordered in the {season} season.
workflow offer_{number} {{
  on order_{event} where event.total > {percent}.50 and event.plan != "free"
  identify by email event.email else create

  // The price is asked for first: without one there is no letter.
  call price_{number} on failure {{
    send apology_{number}
    stop "no price for {goods}"
  }}
  if data.price_{number}.percent >= {percent} {{
    send letter_{number}
  }} else if contact in {segment} {{
    wait {hours}h
    call note_{number}
    send reminder_{number}
  }} else {{
    set contact.favourite = "{goods}"
  }}
  split "test_{number}" {{
    50% "short" {{ wait {hours}min }}
    rest "long" {{
      wait {hours}d
      match event.plan {{
        "pro" {{ send reminder_{number} }}
        else {{ stop }}
      }}
    }}
  }}
}}

/// What {goods} cost in {town} today.
webhook price_{number} {{
  post "https://api{host}.shop.example.com/v2/towns/{number}/prices?order=${{event.order_id}}&tier=${{contact.tier}}"
  auth shop
  headers {{
    "X-Season": "{season}"
    "X-Visits": contact.visits
  }}
  body json {{
    town: contact.town ?? "{town}"
    order: {{ id: event.order_id, total: event.total, items: event.items }}
    plan: event.plan
    limits: {{ percent: {percent}, hours: {hours}, large: event.total > 1{number}.99 }}
  }}
  returns json {{ price: decimal, percent: int, code: string?, rows: [{{ sku: string, left: int }}] }}
  timeout {timeout}s
  attempts 4 from 1s to 1min
}}

/// Tells the customer care that a reminder goes out.
webhook note_{number} {{
  post "https://crm{host}.example.com/notes/${{contact.id}}"
  auth crm
  uses price_{number}
  body xml """
    <note area="{number}">
      <town>${{contact.town ?? "{town}"}}</town>
      <price currency="EUR">${{data.price_{number}.price}}</price>
      <text>The customer was offered {goods}; order ${{event.order_id}}</text>
    </note>
    """
}}

message letter_{number} {{
  email {{
    from "Shop in {town} <shop{host}@example.com>"
    subject "$!contact.first_name, {percent}% off {goods} this {season}"
    html file "mail/letter_{letter}.html.vm"
    text """
      #if($contact.first_name)Good day, $contact.first_name!#{{else}}Good day!#end
      You ordered for $event.total in {town}; today {goods} cost $data.price_{number}.price.
      #foreach($row in $data.price_{number}.rows)
        $foreach.count. $row.sku: $row.left left
      #end
      #if($data.price_{number}.code)Your code: $data.price_{number}.code#end
      Дякуємо, що купуєте в нас. До зустрічі в місті {town}!
      """
  }}
}}

message reminder_{number} {{
  email {{
    from "Shop in {town} <shop{host}@example.com>"
    subject "Still there: {goods}"
    text """
      The {season} is short, and {goods} go fast. Order number $event.order_id is on its way;
      what you looked at costs ${{data.price_{number}.price}} in {town}.
      #foreach($item in $event.items)$item.title ($item.qty)#if($foreach.hasNext), #end#end

      $!contact.favourite
      """
  }}
}}

message apology_{number} {{
  email {{
    from "shop{host}@example.com"
    subject "About your order $event.order_id"
    text "We could not find a price for {goods} in {town}. We are sorry, $!contact.first_name."
  }}
}}
"##,
        host = number % 97,
        timeout = 1 + number % 30,
    );
}

/// A template in a file of its own.
fn letter(number: usize) -> String {
    let season = pick(&SEASONS, number);
    format!(
        "<html><body>\n<h1>The {season} letter, number {number}</h1>\n<p>Good day #if($contact.first_name)$contact.first_name#else \
         dear customer#end,</p>\n<table>\n#foreach($item in $event.items)\n  <tr><td>$foreach.count</td><td>$item.title</td>\
         <td>$item.qty</td><td>$item.price</td></tr>\n#end\n</table>\n<p>Total: $event.total</p>\n</body></html>\n"
    )
}
