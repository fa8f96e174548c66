use super::*;

fn registered(flows: &Arc<Flows>, host: &str, kind: FlowKind) -> (Registered, CancellationToken) {
    let cut = CancellationToken::new();
    (flows.register(host, kind, &cut), cut)
}

#[test]
fn only_what_leads_to_the_host_is_closed_and_each_once() {
    let flows = Arc::new(Flows::default());
    let (tunnel, tunnel_cut) = registered(&flows, "desk.example", FlowKind::Tunnel);
    let (request, request_cut) = registered(&flows, "desk.example", FlowKind::Request);
    let (_other, other_cut) = registered(&flows, "events.example", FlowKind::Tunnel);
    assert_eq!(flows.tunnels(), 2);
    let is_desk = |host: &str| host == "desk.example";
    assert_eq!(flows.cut(is_desk), 2);
    assert!(tunnel_cut.is_cancelled() && request_cut.is_cancelled() && !other_cut.is_cancelled());
    // What is closing already is not closed again.
    assert_eq!(flows.cut(is_desk), 0);
    drop((tunnel, request));
    let open: usize = flows.all_parts().map(|part| part.len()).sum();
    assert_eq!((flows.tunnels(), open), (1, 1));
}

#[test]
fn what_is_closed_together_is_told_of_when_the_last_has_ended() {
    let flows = Arc::new(Flows::default());
    let (first, _) = registered(&flows, "desk.example", FlowKind::Tunnel);
    let (second, _) = registered(&flows, "desk.example", FlowKind::Tunnel);
    assert_eq!(flows.cut(|_| true), 2);
    let told = Arc::downgrade(flows.part(0)[&0].closing.as_ref().unwrap());
    drop(first);
    assert!(told.upgrade().is_some());
    drop(second);
    assert!(told.upgrade().is_none());
}
