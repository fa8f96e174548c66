//! Addresses as code writes them: given to functions called on the spot, without a scheme, in pieces, as defaults of settings.

use super::*;

fn all(cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (path, text, expected) in cases {
        let told = look(path, text).join("; ");
        if told != *expected {
            wrong.push(format!("{path}: {text}\n  expected {expected}\n  told     {told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_given_to_a_function_called_on_the_spot_is_embedded() {
    let analytics = "(function(i,s,o,g,r,a,m){i['G']=r;a=s.createElement(o),m=s.getElementsByTagName(o)[0];a.async=1;a.src=g;m.parentNode.insertBefore(a,m)})(window,document,'script','//www.google-analytics.com/analytics.js','ga');\n";
    let pixel = "!function(f,b,e,v,n,t,s){if(f.fbq)return;t=b.createElement(e);t.async=!0;t.src=v;s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,document,'script','https://connect.little-pixel.net/en_US/events.js');\n";
    let beacon = "(function(g){var a=document.createElement('script');a.src=g;document.head.appendChild(a);}('https://cdn.new-desk.org/x'));\n";
    all(&[
        (
            "public/scripts/ga.js",
            analytics,
            "google-analytics embedded Script www.google-analytics.com @1",
        ),
        (
            "public/px.js",
            pixel,
            "little-pixel.net embedded Script connect.little-pixel.net @1",
        ),
        (
            "public/b.js",
            beacon,
            "new-desk.org embedded Script cdn.new-desk.org @1",
        ),
        // Nothing is put into the page.
        (
            "public/b.js",
            "(function(g){window.home=g})('https://www.new-desk.org/x');\n",
            "new-desk.org linked only Link www.new-desk.org @1",
        ),
    ]);
}

#[test]
fn addresses_without_a_scheme_and_in_pieces() {
    all(&[
        (
            "public/a.js",
            "fetch('//api.new-desk.org/x');\n",
            "new-desk.org embedded Host api.new-desk.org @1",
        ),
        (
            "public/a.js",
            "document.a; s.src = '//cdn.new-desk.org/x.js';\n",
            "new-desk.org embedded Script cdn.new-desk.org @1",
        ),
        ("src/a.js", "const xpath = '//main.py';\n", ""),
        ("src/a.js", "const note = '// new-desk.org is down';\n", ""),
        (
            "public/a.js",
            "document.a; g.src = ('https:' == document.location.protocol ? 'https://ssl' : 'http://www') + '.google-analytics.com/ga.js';\n",
            "google-analytics embedded Script www.google-analytics.com @1",
        ),
        (
            "src/a.ts",
            "el.src = `${scheme}://cdn.new-desk.org/widgets/platform.js`;\n",
            "new-desk.org embedded Script cdn.new-desk.org @1",
        ),
        (
            "desk/settings.py",
            "CDN = f\"https://{DIST}.cloudfront.net\"\n",
            "aws configured Host *.cloudfront.net @1",
        ),
        (
            "src/a.js",
            "fetch('https://s3.amazonaws.com/desk/list.json');\n",
            "aws-s3 contacted Host s3.amazonaws.com @1",
        ),
        ("src/a.js", "fetch('https://co.uk/desk');\n", ""),
    ]);
}

#[test]
fn attributes_and_variables_that_load() {
    all(&[
        (
            "src/a.ts",
            "s.setAttribute('src', 'https://cdn.new-desk.org/loader?id=' + id);\n",
            "new-desk.org embedded Resource cdn.new-desk.org @1",
        ),
        (
            "src/a.ts",
            "a.setAttribute('href', 'https://www.new-desk.org/x');\n",
            "new-desk.org linked only Link www.new-desk.org @1",
        ),
        (
            "src/a.ts",
            "const url = `https://www.googletagmanager.com/gtag/js?id=${id}`;\nconst tag = document.createElement('script');\ntag.src = url;\n",
            "google-analytics embedded Resource www.googletagmanager.com @1",
        ),
        (
            "app/views/a.html.erb",
            "<img src=\"<%= wide ? \"https://pictures.new-desk.org/a.png\" : icon %>\">\n",
            "new-desk.org embedded Image pictures.new-desk.org @1",
        ),
        (
            "src/a.tsx",
            "const x = <img src={wide ? 'https://pictures.new-desk.org/a.png' : icon} />;\n",
            "new-desk.org embedded Image pictures.new-desk.org @1",
        ),
        (
            "src/a.tsx",
            "const x = <a href={wide ? 'https://www.new-desk.org/a' : other}>x</a>;\n",
            "new-desk.org linked only Link www.new-desk.org @1",
        ),
        (
            "app/helpers/users_helper.rb",
            "def face(hex)\n  \"https://gravatar.com/avatar/#{hex}?d=mm\"\nend\n",
            "gravatar embedded Resource gravatar.com @2",
        ),
        (
            "src/video.js",
            "function show(x) { return open + '//player.vimeo.com/video/$2' + shut; }\n",
            "vimeo embedded Frame player.vimeo.com @1",
        ),
    ]);
}

#[test]
fn what_a_setting_is_where_nobody_has_set_it() {
    all(&[
        (
            "desk/config.py",
            "settings.set('AUTH_PLACE', default='https://accounts.google.com/o/oauth2/v2/auth')\n",
            "google-sign-in configured Host accounts.google.com @1",
        ),
        (
            "src/server.js",
            "const place = env.get('VERIFY_TOKEN_URL', 'https://www.new-desk.org/verify');\n",
            "new-desk.org linked only Link www.new-desk.org @1",
        ),
        (
            "src/server.js",
            "const place = process.env.DESK_API_URL || 'https://new-desk.org/v2/list';\n",
            "new-desk.org configured Host new-desk.org @1",
        ),
        (
            "src/server.js",
            "const place = process.env.SITE_API_URL || 'https://new-desk.org/v2/list';\n",
            "new-desk.org linked only Link new-desk.org @1",
        ),
        (
            "src/server.js",
            "const place = process.env.HELP_URL || 'https://new-desk.org/v2/list';\n",
            "new-desk.org linked only Link new-desk.org @1",
        ),
        (
            "desk/config.py",
            "KEYS = 'https://id.new-desk.org/oauth2/v3/certs'\n",
            "new-desk.org contacted Host id.new-desk.org @1",
        ),
        (
            "services/a.mjs",
            "import Path from 'path';\nconst baseUrl = `https://dashboard.stripe.com/${account}/test`;\nreturn baseUrl;\n",
            "stripe linked only Link dashboard.stripe.com @2",
        ),
        (
            "frontend/build-fonts.mjs",
            "import fs from 'node:fs';\nconst fonts = ['https://github.com/new-desk/fonts/a.ttf'];\n",
            "github configured Host github.com @2",
        ),
        (
            "app/services/id.rb",
            "class Id\n  PLACE = \"https://id.new-desk.org\"\n  def url\n    \"#{PLACE}/list\"\n  end\n  def ask\n    Faraday.get { |r| r.url url }\n  end\nend\n",
            "new-desk.org contacted Host id.new-desk.org @2",
        ),
        (
            "app/services/id.rb",
            "class Id\n  HELP_PLACE = \"https://id.new-desk.org\"\n  def url\n    \"#{HELP_PLACE}/list\"\n  end\n  def ask\n    Faraday.get { |r| r.url url }\n  end\nend\n",
            "new-desk.org linked only Link id.new-desk.org @2",
        ),
        (
            "_redirects",
            "/old https://api.twilio.com/new 301\n",
            "twilio linked only Link api.twilio.com @1",
        ),
    ]);
}

#[test]
fn policies_name_rows_and_no_further_third_parties() {
    all(&[
        (
            "config/csp.rb",
            "x = %w[*.snapchat.com https://ajax.googleapis.com]\n",
            "snap-pixel allowed by policy Policy *.snapchat.com @1; google-hosted-libraries allowed by policy Policy https://ajax.googleapis.com @1",
        ),
        (
            "server/security.js",
            "const DESK_PLACE = 'https://desk.new-desk.org';\nconst policy = { connectSrc: [\"'self'\", DESK_PLACE, other] };\n",
            "new-desk.org allowed by policy Policy desk.new-desk.org @1",
        ),
        (
            "config/settings.js",
            "module.exports = { permissions: { autoplay: 'self \"https://videos.new-desk.org\"' } };\n",
            "new-desk.org allowed by policy Policy https://videos.new-desk.org @1",
        ),
    ]);
}

#[test]
fn who_hangs_on_an_argument_is_no_wrapper() {
    let asked = |body: &str| {
        let text = format!(
            "import Stripe from 'stripe';\nconst stripe = new Stripe(key);\nexport function tellDesk(name, data) {{\n{body}\n}}\n"
        );
        let source = Source {
            path: "src/desk.ts".to_owned(),
            class: Class::Live,
            bytes: text.into_bytes(),
        };
        look_at(&source, tables(), false).wrappers.len()
    };
    assert_eq!(asked("  stripe.charges.create(data);"), 1);
    assert_eq!(asked("  if (!data) return;\n  stripe.charges.create(data);"), 1);
    assert_eq!(
        asked("  if (['paid', 'left'].includes(name)) {\n    stripe.charges.create(data);\n  }"),
        0
    );
    assert_eq!(
        asked("  if (name === 'paid') {\n    data.paid = 1;\n  }\n  stripe.charges.create(data);"),
        1
    );
    assert_eq!(
        asked("  if (name === 'paid') return;\n  stripe.charges.create(data);"),
        0
    );
    assert_eq!(
        asked("  if (name === 'paid') {\n    stripe.charges.create(data);\n  }"),
        0
    );
}

#[test]
fn names_of_which_only_types_are_taken_ask_nobody() {
    all(&[
        (
            "src/hook.ts",
            "import Stripe from 'stripe';\nexport type Paid = Stripe.Invoice & { id: string };\nfunction f(event: Stripe.Event) {}\n",
            "stripe dead code Import stripe @1",
        ),
        (
            "app/jobs/a_job.rb",
            "topups = Stripe::Topup.list\ntopups.sum(&:amount)\n",
            "stripe contacted Call Stripe::Topup.list @1",
        ),
    ]);
}

#[test]
fn templates_by_indentation_are_read() {
    all(&[
        (
            "app/views/a.html.slim",
            "= stylesheet_link_tag '//sheets.new-desk.org/a.css'\n/iframe src=\"https://www.youtube.com/embed/x\"\nimg src=\"https://pictures.new-desk.org/a.png\"\na href=\"https://www.new-desk.org\" x\njavascript:\n  a.src = 'https://cdn.new-desk.org/k.js'\n",
            "new-desk.org embedded Resource sheets.new-desk.org @1; youtube dead code Host www.youtube.com @2; new-desk.org embedded Image pictures.new-desk.org @3; new-desk.org linked only Link www.new-desk.org @4; new-desk.org embedded Script cdn.new-desk.org @6",
        ),
        (
            "views/a.pug",
            "script(type=\"text/javascript\").\n  s.setAttribute('src', 'https://cdn.new-desk.org/js?id=' + id)\n//- img(src=\"https://api.twilio.com/a\")\nimg(src='https://pictures.new-desk.org/a.png')\na(href=\"https://www.new-desk.org\") x\n",
            "new-desk.org embedded Resource cdn.new-desk.org @2; twilio dead code Host api.twilio.com @3; new-desk.org embedded Image pictures.new-desk.org @4; new-desk.org linked only Link www.new-desk.org @5",
        ),
    ]);
}

#[test]
fn what_second_readers_saw() {
    all(&[
        (
            "desk/doi.py",
            "requests.get('https://names.new-desk.org/x/{0}'.format(number))\n",
            "new-desk.org contacted Host names.new-desk.org @1",
        ),
        // One of many members called so, and none of a policy.
        (
            "src/Page.tsx",
            "const cards = [{ imgSrc: 'https://pictures.new-desk.org/a.png' }];\n",
            "new-desk.org embedded Image pictures.new-desk.org @1",
        ),
        (
            "src/app.ts",
            "app.use(helmet({ directives: { imgSrc: ['https://pictures.new-desk.org'] } }));\n",
            "new-desk.org allowed by policy Policy https://pictures.new-desk.org @1",
        ),
        (
            "src/Page.tsx",
            "const chat = wide ? `https://new-desk.slack.com/${x}` : null;\nexport const A = () => <Button href={chat ?? '#'} />;\n",
            "slack linked only Link new-desk.slack.com @1",
        ),
        (
            "server/assets.py",
            "bundle = Bundle('js/a.js', 'https://unpkg.com/sweetalert@1.1.3/dist/sweetalert.min.js')\n",
            "unpkg embedded Script unpkg.com @1",
        ),
        (
            "codemeta.json",
            "{\n  \"@id\": \"https://orcid.org/0000-0001\",\n  \"url\": \"https://api.new-desk.org/x\"\n}\n",
            "new-desk.org linked only Link api.new-desk.org @3",
        ),
        (
            "server/log.py",
            "kind = 'type.googleapis.com/google.devtools.Event'\n",
            "",
        ),
        ("data/team.json", "[{\"slackId\": \"U1\"}, {\"slackId\": \"U2\"}]\n", ""),
        (
            "config/a.json",
            "{\n  \"MAILGUN_API_KEY\": \"\"\n}\n",
            "mailgun configured Environment MAILGUN_API_KEY @2",
        ),
    ]);
}
