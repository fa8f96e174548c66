//! A network of its own for a program: loopback and, on it, a way to the gate. No rights are needed where the system lets
//! everybody make user namespaces.
//!
//! The program is started through this one ([`enter`]), which leaves for new namespaces, opens a listening socket in there,
//! hands it back and becomes the program. What comes in at that socket is passed on to the gate from outside.
//!
//! Source: namespaces(7), user_namespaces(7), rtnetlink(7).

use std::fs::File;
use std::io::{IoSlice, IoSliceMut, Read as _, Seek as _};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketType, recvmsg, sendmsg,
};
use rustix::thread::UnshareFlags;

use crate::cli::{BehindArgs, EnterArgs};
use crate::outcome::{Failure, Outcome};

/// The program is inside within this time, or never.
const ENTERING: Duration = Duration::from_secs(10);

/// A place that nothing is in yet.
pub(super) struct Isolated {
    gate: SocketAddr,
    meeting: Meeting,
}

/// Where the one inside hands its socket out.
struct Meeting {
    path: PathBuf,
    listener: UnixListener,
}

impl Drop for Meeting {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.path);
    }
}

impl Isolated {
    pub(super) fn prepare(gate: SocketAddr) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("averment-run-{}.sock", std::process::id()));
        let listener = UnixListener::bind(&path)
            .map_err(|error| Failure::new(format!("cannot make the socket `{}`", path.display())).because(error))?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            gate,
            meeting: Meeting { path, listener },
        })
    }

    /// The gate as it is called inside.
    pub(super) fn behind(&self, outside: &BehindArgs) -> BehindArgs {
        BehindArgs {
            gate: inside(self.gate),
            ..outside.clone()
        }
    }

    /// `program`, started through this program.
    pub(super) fn command(&self, program: &Command) -> Result<Command, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("enter")
            .arg(&self.meeting.path)
            .arg(inside(self.gate).port().to_string())
            .arg("--");
        command.arg(program.get_program()).args(program.get_args());
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Ok(command)
    }

    /// Waits until the program is inside, then passes on what it sends to the gate.
    pub(super) fn entered(self, child: &Child) -> Result<Entered, Failure> {
        let until = Instant::now() + ENTERING;
        let stream = loop {
            match self.meeting.listener.accept() {
                Ok((stream, _)) => break stream,
                Err(_) if Instant::now() < until && is_alive(child) => std::thread::sleep(Duration::from_millis(5)),
                Err(error) => return Err(Failure::new("the program did not get a network of its own").because(error)),
            }
        };
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(ENTERING))?;
        let listener = take(&stream)?.ok_or_else(|| {
            Failure::new("this system does not let programs have a network of their own")
                .hint("without `--isolate` connections are watched instead")
        })?;
        let pid = child.id();
        let counters = ["snmp", "snmp6"].map(|name| File::open(format!("/proc/{pid}/net/{name}")).ok());
        let through = Arc::new(AtomicU64::new(0));
        let listener = std::net::TcpListener::from(listener);
        listener.set_nonblocking(true)?;
        tokio::spawn(pass_on(
            tokio::net::TcpListener::from_std(listener)?,
            self.gate,
            Arc::clone(&through),
        ));
        Ok(Entered { counters, through })
    }
}

fn inside(gate: SocketAddr) -> SocketAddr {
    SocketAddr::new(Ipv4Addr::LOCALHOST.into(), gate.port())
}

fn is_alive(child: &Child) -> bool {
    Path::new(&format!("/proc/{}/exe", child.id())).exists()
}

fn take(stream: &UnixStream) -> std::io::Result<Option<OwnedFd>> {
    let mut word = [0; 1];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    recvmsg(
        stream,
        &mut [IoSliceMut::new(&mut word)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    let handles = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(handles) => Some(handles),
        _ => None,
    });
    Ok(handles.and_then(|mut handles| handles.next()))
}

async fn pass_on(listener: tokio::net::TcpListener, gate: SocketAddr, through: Arc<AtomicU64>) {
    while let Ok((mut inner, _)) = listener.accept().await {
        through.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let mut outer = tokio::net::TcpStream::connect(gate).await?;
            tokio::io::copy_bidirectional(&mut inner, &mut outer).await
        });
    }
}

/// A place with a program in it.
pub(super) struct Entered {
    /// Lists of the kernel about that network; they last as long as they are open.
    counters: [Option<File>; 2],
    through: Arc<AtomicU64>,
}

impl Entered {
    /// Connections to the gate.
    pub(super) fn through(&self) -> u64 {
        self.through.load(Ordering::Relaxed)
    }

    /// How often something was to be sent for which there was no way.
    pub(super) fn tries(&mut self) -> u64 {
        let texts = self.counters.iter_mut().flatten().map(|file| {
            let mut text = String::new();
            _ = file.rewind().and_then(|()| file.read_to_string(&mut text));
            text
        });
        texts.map(|text| without_way(&text)).sum()
    }
}

/// `Ip6OutNoRoutes 3`, or a line of names and below it one of numbers.
fn without_way(text: &str) -> u64 {
    let mut names: Vec<&str> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["Ip6OutNoRoutes", number] = words[..] {
            return number.parse().unwrap_or(0);
        }
        match words.first() {
            Some(&"Ip:") if names.is_empty() => names = words,
            Some(&"Ip:") => {
                let column = names.iter().position(|name| *name == "OutNoRoutes");
                return column.and_then(|column| words.get(column)?.parse().ok()).unwrap_or(0);
            }
            _ => {}
        }
    }
    0
}

/// Inside: leaves for new namespaces, hands a listening socket out, and becomes the program.
pub(crate) fn enter(arguments: &EnterArgs) -> Result<Outcome, Failure> {
    let stream = UnixStream::connect(&arguments.meeting)?;
    let (user, group) = (rustix::process::getuid().as_raw(), rustix::process::getgid().as_raw());
    if let Err(error) = leave(user, group) {
        // A word without a socket: the other side then says so.
        sendmsg(
            &stream,
            &[IoSlice::new(b"-")],
            &mut SendAncillaryBuffer::default(),
            SendFlags::NOSIGNAL,
        )?;
        return Err(Failure::new("cannot leave for a network of its own").because(error));
    }
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port))?;
    give(&stream, &listener)?;
    drop(listener);
    let (program, rest) = arguments
        .program
        .split_first()
        .ok_or_else(|| Failure::new("no program is named"))?;
    let error = Command::new(program).args(rest).exec();
    Err(Failure::new(format!("cannot start `{}`", program.display())).because(error))
}

fn give(stream: &UnixStream, listener: &std::net::TcpListener) -> std::io::Result<()> {
    let handles = [listener.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&handles));
    sendmsg(stream, &[IoSlice::new(b"+")], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// The user stays who they are; rights inside end when the program begins.
#[expect(
    deprecated,
    reason = "unsafe is forbidden here, and its danger, a table of handles of its own, is not asked for"
)]
fn leave(user: u32, group: u32) -> std::io::Result<()> {
    rustix::thread::unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNET)?;
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;
    raise_loopback()
}

/// Asks the kernel to bring up interface 1, which is loopback in every new network.
fn raise_loopback() -> std::io::Result<()> {
    const NEW_LINK: u16 = 16;
    const REQUEST_AND_ANSWER: u16 = 1 | 4;
    const UP: u32 = 1;
    let mut message = Vec::new();
    message.extend(32_u32.to_ne_bytes());
    message.extend(NEW_LINK.to_ne_bytes());
    message.extend(REQUEST_AND_ANSWER.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([0; 4]);
    for word in [1, UP, UP] {
        message.extend(word.to_ne_bytes());
    }
    let socket = rustix::net::socket(AddressFamily::NETLINK, SocketType::RAW, None)?;
    rustix::net::send(&socket, &message, SendFlags::empty())?;
    let mut answer = [0; 256];
    let (length, _) = rustix::net::recv(&socket, &mut answer, RecvFlags::empty())?;
    // After the head of 16 bytes: the error, negative, or nought.
    let error = answer
        .get(16..20)
        .filter(|_| length >= 20)
        .and_then(|bytes| bytes.first_chunk().copied());
    match error.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(error) => Err(std::io::Error::from_raw_os_error(-error)),
        None => Err(std::io::Error::other("the kernel did not say whether loopback is up")),
    }
}

#[cfg(test)]
mod tests {
    use super::without_way;

    #[test]
    fn tries_are_read_from_both_forms_of_list() {
        let four = "Ip: Forwarding DefaultTTL OutNoRoutes ReasmTimeout\nIp: 2 64 3 0\nTcp: RtoAlgorithm\nTcp: 1\n";
        assert_eq!(without_way(four), 3);
        assert_eq!(without_way("Ip6InReceives   \t4\nIp6OutNoRoutes   \t2\n"), 2);
        assert_eq!(without_way("Ip: OutNoRoutes\n"), 0);
    }
}
