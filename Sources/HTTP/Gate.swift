import CMicrohttpd
import Foundation
import Synchronization

/// Accepts connections, and closes those that take too long, on one thread.
///
/// A client that sends a byte now and then, and never a whole request, blocks a connection. So each part of a request has a
/// time limit, and each address may have only a share of the connections. When all are taken, the one that has waited
/// longest is closed for the newcomer, beginning with the address that has most. A connection whose request is being
/// handled or answered is never closed for another.
final class Gate: Sendable {
  private struct Book {
    /// By socket.
    var guests: [CInt: Guest] = [:]
    /// Connections of an address, and requests that a trusted proxy forwards for it.
    var counts: [Address: Int] = [:]
    /// Guests that are not being closed.
    var active = 0
  }

  private let limits: Server.Limits
  private let capacity: Int
  private let book = Mutex(Book())
  private let bell: CInt
  private let isClosed = Atomic<Bool>(false)
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameter capacity: connections at one time.
  init(limits: Server.Limits, capacity: Int) {
    self.limits = limits
    self.capacity = capacity
    bell = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
  }

  deinit { close(bell) }

  /// Begins to accept.
  /// - Parameters:
  ///   - listener: closed when the gate is.
  ///   - admit: takes over the socket of a guest, and closes it in any case; false if it could not take it.
  func open(_ listener: CInt, admit: @escaping @Sendable (CInt, sockaddr_storage) -> Bool) {
    let thread = Thread { [self] in
      run(listener, admit)
      Glibc.close(listener)
      ended.signal()
    }
    thread.name = "gate"
    thread.start()
  }

  /// Accepts no more connections; those that are open stay. It is closed once.
  func shut() {
    isClosed.store(true, ordering: .releasing)
    eventfd_write(bell, 1)
    ended.wait()
  }

  // MARK: What the server tells

  /// The guest at a socket that was admitted.
  func guest(_ socket: CInt) -> Guest? { book.withLock { $0.guests[socket] } }

  /// The connection ends; its socket is closed after this.
  func leave(_ guest: Guest) {
    book.withLock { book in
      Gate.drop(guest, &book)
      if book.guests[guest.socket] === guest { book.guests[guest.socket] = nil }
    }
  }

  func isTrusted(_ address: Address) -> Bool { limits.proxies.contains { $0.contains(address) } }

  /// A request that a trusted proxy forwards begins. False if its address already has too many.
  func begin(for address: Address) -> Bool {
    book.withLock { book in
      let count = book.counts[address.household, default: 0]
      guard count < limits.perPeer else { return false }
      book.counts[address.household] = count + 1
      return true
    }
  }

  func end(for address: Address) { book.withLock { Gate.count(address.household, less: &$0) } }

  // MARK: The thread

  private func run(_ listener: CInt, _ admit: (CInt, sockaddr_storage) -> Bool) {
    // While there is no room, or the process has no descriptors left, nobody is accepted for a moment; who knocks waits.
    var isResting = false
    var watched = CoarseClock.now
    while !isClosed.load(ordering: .acquiring) {
      let isEmpty = book.withLock { $0.guests.isEmpty }
      var eyes = [
        pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isResting ? -1 : listener, events: Int16(POLLIN), revents: 0),
      ]
      poll(&eyes, 2, isResting ? 50 : isEmpty ? -1 : 250)
      isResting = false
      let now = CoarseClock.now
      if now - watched >= 200 {
        watched = now
        watch(now)
      }
      if eyes[1].revents != 0 { isResting = !acceptAll(listener, admit) }
    }
  }

  /// Accepts waiting connections. False if it is better to wait a moment.
  private func acceptAll(_ listener: CInt, _ admit: (CInt, sockaddr_storage) -> Bool) -> Bool {
    for _ in 0..<64 {
      guard book.withLock({ $0.active < capacity || Gate.longestWaiting($0) != nil }) else { return false }
      var address = sockaddr_storage()
      let socket = earshot_accept(listener, &address)
      guard socket >= 0 else {
        switch errno {
        case EAGAIN: return true
        case EINTR, ECONNABORTED: continue
        default:
          // No descriptor or no memory is left: one who waits makes room.
          book.withLock { book in if let oldest = Gate.longestWaiting(book) { Gate.showOut(oldest, &book) } }
          return false
        }
      }
      let peer = (Address(address) ?? Address(high: 0, low: 0)).household
      guard welcome(Guest(socket: socket, peer: peer)) else {
        Gate.refuse(socket, limits.earlyHeaders)
        continue
      }
      if !admit(socket, address), let guest = guest(socket) { leave(guest) }
    }
    return true
  }

  /// Registers the guest, for whom another may have to be closed. False if its address already has its share.
  private func welcome(_ guest: Guest) -> Bool {
    book.withLock { book in
      // Who had this socket is gone, since the system has given it to another.
      if let former = book.guests[guest.socket] { Gate.drop(former, &book) }
      if !isTrusted(guest.peer), book.counts[guest.peer, default: 0] >= limits.perPeer {
        let idle = book.guests.values.filter { !$0.isGone && $0.peer == guest.peer && $0.state.phase == .idle }
        guard let oldest = idle.min(by: { $0.state.since < $1.state.since }) else { return false }
        Gate.showOut(oldest, &book)
      }
      if book.active >= capacity, let oldest = Gate.longestWaiting(book) { Gate.showOut(oldest, &book) }
      book.guests[guest.socket] = guest
      book.counts[guest.peer, default: 0] += 1
      book.active += 1
      return true
    }
  }

  /// Closes the connections that are over their time limit.
  private func watch(_ now: Int) {
    book.withLock { book in
      for guest in book.guests.values where !guest.isGone {
        let state = guest.state
        let allowed: Int? =
          switch state.phase {
          case .fresh, .head: limits.head
          case .body: limits.bodyTime
          case .idle: limits.timeout
          case .working: nil
          case .sending: guest.isStuck(state, now, after: limits.stuck) ? 0 : nil
          }
        if let allowed, now - state.since >= allowed * 1000 { Gate.showOut(guest, &book) }
      }
    }
  }

  // MARK: In the book

  /// Of the waiting guests, the one that has waited longest at the address with most connections.
  private static func longestWaiting(_ book: Book) -> Guest? {
    var found: (guest: Guest, count: Int, since: Int)?
    for guest in book.guests.values where !guest.isGone {
      let state = guest.state
      guard state.phase != .working, state.phase != .sending else { continue }
      let count = book.counts[guest.peer, default: 0]
      if let best = found, best.count > count || best.count == count && best.since <= state.since { continue }
      found = (guest, count, state.since)
    }
    return found?.guest
  }

  /// The socket is open as long as the guest is registered: libmicrohttpd closes it after `leave`.
  private static func showOut(_ guest: Guest, _ book: inout Book) {
    drop(guest, &book)
    shutdown(guest.socket, CInt(SHUT_RDWR))
  }

  private static func drop(_ guest: Guest, _ book: inout Book) {
    guard !guest.isGone else { return }
    guest.isGone = true
    book.active -= 1
    count(guest.peer, less: &book)
  }

  private static func count(_ peer: Address, less book: inout Book) {
    guard let count = book.counts[peer] else { return }
    book.counts[peer] = count > 1 ? count - 1 : nil
  }

  /// Sends the reason, as far as that is possible without waiting, and closes.
  private static func refuse(_ socket: CInt, _ headers: [Header]) {
    let response = Refusal.tooMany.response(with: headers)
    guard case .bytes(let body) = response.body else { return }
    var head = "HTTP/1.1 \(response.status) Service Unavailable\r\nContent-Length: \(body.count)\r\n"
    for header in response.headers { head += "\(header.name): \(header.value)\r\n" }
    let bytes = Data((head + "\r\n").utf8) + body
    _ = bytes.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT)) }
    shutdown(socket, CInt(SHUT_WR))
    close(socket)
  }
}

/// One connection, as the gate sees it.
/// `@unchecked`: `isGone` and the progress of sending belong to the gate, under the lock of its guests.
final class Guest: @unchecked Sendable {
  /// The state of a connection.
  enum Phase: UInt64 {
    /// Nothing has arrived, or less than a whole first line.
    case fresh
    /// The first line has arrived, but not all headers.
    case head
    case body
    /// The request is complete, and its answer is not ready yet.
    case working
    case sending
    /// Kept open for the next request.
    case idle
  }

  struct State: Equatable {
    var phase: Phase
    var since: Int
  }

  let socket: CInt
  let peer: Address
  fileprivate var isGone = false
  private var sending: (state: State, confirmed: Int64, at: Int)?
  /// Phase and time in one word, so that both change together: the phase in the lowest three bits.
  private let word = Atomic<UInt64>(0)

  init(socket: CInt, peer: Address) {
    self.socket = socket
    self.peer = peer
    turn(.fresh)
  }

  func turn(_ phase: Phase) {
    word.store(UInt64(CoarseClock.now) << 3 | phase.rawValue, ordering: .releasing)
  }

  var state: State {
    let word = word.load(ordering: .acquiring)
    return State(phase: Phase(rawValue: word & 7) ?? .working, since: Int(word >> 3))
  }

  /// Whether the client has received next to nothing of its answer for this many seconds; even a slow line takes more.
  fileprivate func isStuck(_ state: State, _ now: Int, after seconds: Int) -> Bool {
    let confirmed = earshot_bytes_confirmed(socket)
    // Where the system does not tell, an hour is enough for any answer.
    guard confirmed >= 0 else { return now - state.since >= 3_600_000 }
    guard let known = sending, known.state == state else {
      sending = (state, confirmed, now)
      return false
    }
    guard now - known.at >= seconds * 1000 else { return false }
    sending = (state, confirmed, now)
    return confirmed - known.confirmed < 1024
  }
}

/// The time in milliseconds from an arbitrary start, cheap and exact enough for deadlines of seconds.
enum CoarseClock {
  static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}

/// How many files and connections the process may have open.
enum Descriptors {
  /// Raises the limit as far as the system allows, and returns it.
  static func raised() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    let wanted = min(limit.rlim_max, 65_536)
    if limit.rlim_cur < wanted {
      var more = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
      more.rlim_cur = wanted
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &more) == 0 { limit.rlim_cur = wanted }
    }
    return Int(min(limit.rlim_cur, 1 << 20))
  }
}
