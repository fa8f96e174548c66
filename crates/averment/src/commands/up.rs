//! `averment up` and `averment gate`: everything is opened first, then served, then closed in order.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use averment_gate::{AdminAddress, Clock, Gate, Login, Settings, Sink, Upstream, read_certificates};
use tokio::net::TcpListener;

use crate::cli::{Folders, GateArgs, UpArgs, UpstreamArgs};
use crate::decisions::Decisions;
use crate::hand_over;
use crate::house::{self, House, Serving, Signals};
use crate::live::{Live, Place};
use crate::outcome::{Failure, Outcome};
use crate::register::{self, Register};
use crate::reload::{self, Files};
use crate::sockets::Sockets;
use crate::tiles::Witnesses;
use crate::{admitting, announce, clock, retaining, speaking};

/// Address of the sink of the bundled example.
const EXAMPLE_SINK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4182);

#[tokio::main]
pub(crate) async fn run(arguments: &UpArgs) -> Result<Outcome, Failure> {
    announce::hello();
    let mut opened = Opened::new(
        arguments.register.clone(),
        arguments.settings.clone(),
        &arguments.folders,
    )?;
    let witnesses = Witnesses::of(&opened.settings, &arguments.upstream.trust)?;
    let (mut sockets, house) = opened.house(arguments.take_over).await?;
    let sink = start_sink(arguments, &opened.register).await?;
    let listener = sockets.listen("gate", arguments.gate, "`--gate ADDRESS`").await?;
    admitting::check(listener.local_addr()?, &opened.settings)?;
    let page = sockets.listen("page", arguments.page, "`--page ADDRESS`").await?;
    let admin = admin_listener(&mut sockets, &opened.settings).await?;
    let decisions = Decisions::open(&arguments.decisions, &opened.register.charter, &mut sockets).await?;
    let mut upstream = upstream(&arguments.upstream, &opened.settings, sink.as_ref(), page.local_addr()?)?;
    let decides = address(decisions.as_ref().map(|decisions| &decisions.listener))?;
    upstream.own_listeners.extend(decides);
    let place = Place {
        gate: listener.local_addr()?,
        register: opened.register.name.clone(),
        data: arguments.folders.data.clone(),
        notice: opened.register.notice(),
    };
    let live = Arc::new(Live::new(&opened.register.charter, &house, place));
    let authority = speaking::open(&arguments.folders, &opened.register.charter, &opened.settings)?;
    let gate = house.gate(&opened.register, &authority, Arc::clone(&opened.settings), upstream)?;
    if let Some(register) = &arguments.register {
        retaining::start(register, arguments.duties.as_deref(), &arguments.folders, &gate)?;
    }
    announce::up(&announce::Up {
        gate: listener.local_addr()?,
        settings: &opened.settings,
        page: page.local_addr()?,
        admin: address(admin.as_ref())?,
        decides: decides.zip(decisions.as_ref().map(|decisions| decisions.says_anything)),
        sink: sink.as_ref().map(Sink::address),
        register: &opened.register,
        folders: &arguments.folders,
        authority: &authority,
        house: &house,
    });
    let listeners = Listeners {
        gate: listener,
        page: Some(page),
        admin,
        decisions,
    };
    opened.serve(&house, gate, listeners, live, witnesses).await
}

#[tokio::main]
pub(crate) async fn run_gate(arguments: &GateArgs) -> Result<Outcome, Failure> {
    let register = Some(arguments.register.clone());
    let mut opened = Opened::new(register, arguments.settings.clone(), &arguments.folders)?;
    let witnesses = Witnesses::of(&opened.settings, &arguments.upstream.trust)?;
    let (mut sockets, house) = opened.house(arguments.take_over).await?;
    let listener = sockets.listen("gate", arguments.gate, "`--gate ADDRESS`").await?;
    admitting::check(listener.local_addr()?, &opened.settings)?;
    let admin = admin_listener(&mut sockets, &opened.settings).await?;
    let upstream = upstream(&arguments.upstream, &opened.settings, None, listener.local_addr()?)?;
    let authority = speaking::open(&arguments.folders, &opened.register.charter, &opened.settings)?;
    let gate = house.gate(&opened.register, &authority, Arc::clone(&opened.settings), upstream)?;
    let addresses = (listener.local_addr()?, address(admin.as_ref())?);
    announce::gate(
        addresses,
        &opened.settings,
        &opened.register,
        (&arguments.folders, &authority),
        &house,
    );
    let place = Place {
        gate: addresses.0,
        register: opened.register.name.clone(),
        data: arguments.folders.data.clone(),
        notice: opened.register.notice(),
    };
    let live = Arc::new(Live::new(&opened.register.charter, &house, place));
    let listeners = Listeners {
        gate: listener,
        page: None,
        admin,
        decisions: None,
    };
    opened.serve(&house, gate, listeners, live, witnesses).await
}

/// Where it is served.
struct Listeners {
    gate: TcpListener,
    page: Option<TcpListener>,
    admin: Option<TcpListener>,
    decisions: Option<Decisions>,
}

/// The files that a gate is made of, read before anything else: a register that does not compile takes nothing over.
struct Opened {
    files: (Option<PathBuf>, Option<PathBuf>),
    folders: Folders,
    register: Register,
    settings: Arc<Settings>,
    signals: Signals,
}

impl Opened {
    fn new(register: Option<PathBuf>, settings: Option<PathBuf>, folders: &Folders) -> Result<Self, Failure> {
        Ok(Self {
            register: register::open(register.as_deref())?,
            settings: reload::settings(settings.as_deref())?,
            folders: folders.clone(),
            files: (register, settings),
            signals: Signals::listen()?,
        })
    }

    /// The sockets that are there already, and the house as soon as nobody else lives in it.
    async fn house(&mut self, take_over: bool) -> Result<(Sockets, House), Failure> {
        let taken = if take_over {
            hand_over::ask(&self.folders.data)?
        } else {
            None
        };
        let waiting = taken.as_ref().and_then(|sockets| sockets.share("gate"));
        let locked = house::lock(&self.folders, waiting, &mut self.signals.stop).await?;
        let sockets = taken.map_or_else(Sockets::given, Ok)?;
        Ok((sockets, House::open(locked, &self.register, &self.settings)?))
    }

    async fn serve(
        self,
        house: &House,
        gate: Gate,
        listeners: Listeners,
        live: Arc<Live>,
        witnesses: Witnesses,
    ) -> Result<Outcome, Failure> {
        let (register, settings) = self.files;
        let files = Arc::new(Files {
            register,
            settings,
            folders: self.folders,
            address: listeners.gate.local_addr()?,
            gate: gate.clone(),
            journal: house.journal.clone(),
            live: Arc::clone(&live),
            in_force: Mutex::new(self.register.charter.digest()),
            decisions: listeners
                .decisions
                .as_ref()
                .map(|decisions| decisions.guarded.access.clone()),
        });
        let token_file = self.settings.admin.as_ref().and_then(|admin| admin.token_file.clone());
        let admin = listeners.admin.map(|listener| {
            let address = AdminAddress {
                token_file,
                operator: Arc::clone(&files) as _,
                version: env!("CARGO_PKG_VERSION"),
            };
            (listener, address)
        });
        house
            .serve(Serving {
                gate,
                listener: listeners.gate,
                page: listeners.page,
                live,
                admin,
                decisions: listeners.decisions,
                files,
                witnesses,
                signals: self.signals,
            })
            .await?;
        announce::stopped();
        Ok(Outcome::Holds)
    }
}

async fn admin_listener(sockets: &mut Sockets, settings: &Settings) -> Result<Option<TcpListener>, Failure> {
    let Some(admin) = &settings.admin else {
        return Ok(None);
    };
    sockets
        .listen("admin", admin.listen, "`listen` under `[admin]`")
        .await
        .map(Some)
}

fn address(listener: Option<&TcpListener>) -> std::io::Result<Option<SocketAddr>> {
    listener.map(TcpListener::local_addr).transpose()
}

/// The bundled example always has a sink, so that the walk-through needs no network.
async fn start_sink(arguments: &UpArgs, register: &Register) -> Result<Option<Sink>, Failure> {
    let address = arguments.sink.or(register.bundled.then_some(EXAMPLE_SINK));
    let Some(address) = address.filter(|_| arguments.upstream.connect_to.is_none()) else {
        return Ok(None);
    };
    let sink = Sink::start(address, Clock::new(clock::now), |_| {}).await;
    sink.map(Some)
        .map_err(|error| Failure::from(error).hint("name a free address with `--sink ADDRESS`"))
}

fn upstream(
    arguments: &UpstreamArgs,
    settings: &Settings,
    sink: Option<&Sink>,
    own: SocketAddr,
) -> Result<Upstream, Failure> {
    let mut upstream = Upstream {
        parent_login: parent_login(settings)?,
        connect_to: arguments.connect_to,
        own_listeners: vec![own],
        ..Upstream::default()
    };
    for file in &arguments.trust {
        upstream.extra_roots.extend(read_certificates(file)?);
    }
    if let Some(sink) = sink {
        upstream.connect_to = Some(sink.address());
        upstream.extra_roots.push(sink.root_certificate().clone());
    }
    Ok(upstream)
}

/// What the environment holds for the parent proxy, where the settings name a variable.
#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
fn parent_login(settings: &Settings) -> Result<Option<Login>, Failure> {
    let Some(variable) = &settings.upstream.parent_proxy_login_variable else {
        return Ok(None);
    };
    let login = std::env::var(variable).ok().and_then(|text| Login::parse(&text));
    let malformed = || {
        let message = format!("the variable `{variable}` holds no login: expected `user:password`");
        Failure::new(message).hint("`parent_proxy_login_variable` under `[upstream]` of the settings names it")
    };
    login.map(Some).ok_or_else(malformed)
}
