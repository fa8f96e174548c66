//! The decision itself.

use averment_catalog::Treatment;
use averment_detect::Inspection;
use averment_register::{Charter, Mode, Recipient, Unreadable};

use crate::facts::Facts;
use crate::rule::rule_on;
use crate::verdict::{Action, Decision, Permit, Reason, Ruling, Verdict};

/// One message as seen at the gate.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// Name of the host that it goes to, without port.
    pub host: &'a str,
    /// What was found in it and what could not be read.
    pub inspection: &'a Inspection,
}

/// Decides what is done with one message.
///
/// A host that several recipients share gets the strictest of their verdicts, and of two that rewrite the stricter ruling
/// on each finding. A finding is judged by the charter of its person's school, and where it may be about several people by
/// the strictest for any of them. In report mode the message goes out as it came, and [`Verdict::judged`] says what
/// enforcement would have done; what [`crate::Stop`] names does not go out in either mode, but for how a recipient is reached.
pub fn decide(charter: &Charter, observation: &Observation<'_>, facts: &Facts) -> Decision {
    let recipients = charter.recipients_of_host(observation.host);
    let verdicts = recipients
        .into_iter()
        .map(|recipient| decide_for(charter, recipient, observation, facts));
    // The strictest wins; among equals the first, so that the order of the charter settles the name in the entry.
    let strictest = verdicts.reduce(|best, next| {
        let (mut strictest, other) = if strictness(&next) > strictness(&best) {
            (next, best)
        } else {
            (best, next)
        };
        if strictest.action == Action::Rewrite && other.action == Action::Rewrite {
            take_stricter_rulings(&mut strictest, other);
        }
        strictest
    });
    let verdict = strictest.unwrap_or_else(|| decide_unknown_host(charter, observation, facts));
    match verdict.action {
        Action::Refuse => Decision::Refuse(verdict),
        Action::Forward | Action::Rewrite => Decision::Proceed(Permit::new(verdict)),
    }
}

/// Two recipients of one host may want different findings treated: each is treated as the stricter of them says, or what
/// one of them masks would leave because the other is asked first.
fn take_stricter_rulings(verdict: &mut Verdict, other: Verdict) {
    for (ruling, other) in verdict.rulings.iter_mut().zip(other.rulings) {
        if other.treatment > ruling.treatment {
            *ruling = other;
        }
    }
}

fn strictness(verdict: &Verdict) -> (Action, Action) {
    (verdict.action, verdict.judged)
}

fn decide_for(charter: &Charter, recipient: &Recipient, observation: &Observation<'_>, facts: &Facts) -> Verdict {
    let inspection = observation.inspection;
    let (rulings, modes): (Vec<Ruling>, Vec<Mode>) = inspection
        .findings
        .iter()
        .map(|finding| rule_on(charter, recipient, finding, facts))
        .unzip();
    let unreadable = !inspection.unreadable.is_empty();
    let unreadable_refused = unreadable && recipient.unreadable == Unreadable::Refuse;
    let stopped = facts.stop(Some(&recipient.id), &inspection.findings);
    let judged = if unreadable_refused || stopped.is_some() {
        Action::Refuse
    } else {
        judge(&rulings)
    };
    // One person's school may have switched off what goes to this recipient: the message is then held to that.
    let is_enforced = modes.contains(&Mode::Enforce);
    let mode = if is_enforced { Mode::Enforce } else { recipient.mode };
    let action = match stopped {
        Some(stop) if stop.holds_in_report_mode() => Action::Refuse,
        _ => act(mode, judged),
    };
    Verdict {
        recipient: Some(recipient.id.clone()),
        contract: recipient
            .contract
            .as_ref()
            .and_then(|contract| contract.document.clone()),
        mode,
        judged,
        action,
        rulings,
        unreadable_refused,
        unreadable_forwarded: unreadable && action != Action::Refuse,
        stopped,
        sender: facts.caller.sender.clone(),
        charter: charter.digest(),
    }
}

fn decide_unknown_host(charter: &Charter, observation: &Observation<'_>, facts: &Facts) -> Verdict {
    let mode = charter.content().unknown_hosts;
    let inspection = observation.inspection;
    let ruling = Ruling {
        treatment: Treatment::Block,
        reason: Reason::UnknownHost,
        school: None,
        agreement: None,
    };
    let stopped = facts.stop(None, &inspection.findings);
    let action = match stopped {
        Some(_) => Action::Refuse,
        None => act(mode, Action::Refuse),
    };
    Verdict {
        recipient: None,
        contract: None,
        mode,
        judged: Action::Refuse,
        action,
        rulings: vec![ruling; inspection.findings.len()],
        unreadable_refused: false,
        unreadable_forwarded: !inspection.unreadable.is_empty() && action != Action::Refuse,
        stopped,
        sender: facts.caller.sender.clone(),
        charter: charter.digest(),
    }
}

fn judge(rulings: &[Ruling]) -> Action {
    match rulings.iter().map(|ruling| ruling.treatment).max() {
        None | Some(Treatment::Pass) => Action::Forward,
        Some(Treatment::Block) => Action::Refuse,
        Some(_) => Action::Rewrite,
    }
}

fn act(mode: Mode, judged: Action) -> Action {
    match mode {
        Mode::Enforce => judged,
        Mode::Report => Action::Forward,
    }
}
