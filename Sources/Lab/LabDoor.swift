import Basics
import Dispatch
import Foundation
import HTTP
import Interface
import Records
import Synchronization

/// Somebody who is signed in to the lab.
struct Visitor: Sendable {
  /// Empty for somebody with the study's secret.
  var name: String
  var role: LabUser.Role
}

/// Lets experimenters in, by the study's secret or by name and password. The browser keeps its own token, which ends after
/// `lifetime`, when its owner signs out, and when the secret or password that was used changes.
final class LabDoor: Sendable {
  /// The lifetime of a sitting in the lab, in seconds.
  static let lifetime = 7 * 86_400
  /// Wrong passwords per minute from one address. The secret itself works after any number: nobody can guess it, and nobody
  /// who shares the address can lock its owner out.
  static let triesPerMinute = 10
  /// Passwords that may wait to be checked, which happens one after the other: each check takes 64 MiB for a while.
  private static let longestQueue = 8

  private struct Team {
    var stamp = stat()
    var users: LabUsers?
  }

  private let records: Records?
  private let secret: String
  private let folder: URL
  private let tries = AddressRate()
  private let team = Mutex(Team())
  /// Sittings as the records had them last, for while they cannot be read: somebody who looks after a full disk or a database
  /// that is down must get in. Otherwise the records decide, since other servers may share them.
  private let known = Recent<String, LabSession>(capacity: 2000)
  /// Sittings that are in no records.
  private let unsaved = Recent<String, LabSession>(capacity: 2000)
  private let queue = DispatchQueue(label: "passwords")
  private let queued = Atomic<Int>(0)
  /// Used for an unknown name, which so takes as long to be refused as a known one.
  private let nobody = Password.hashOfNobody()
  /// A browser sends the cookies of all studies on a host to each of them, whatever their ports.
  let cookieName: String

  /// - Parameters:
  ///   - records: where sittings are kept; nil if they last as long as the server.
  ///   - folder: the data folder, with the file of users.
  init(records: Records?, folder: URL, secret: String) throws {
    self.records = records
    self.folder = folder
    self.secret = secret
    let mark = Secret.authenticate("cookie", key: try records?.key("tokens") ?? Data(secret.utf8)).prefix(6)
    cookieName = "earshot_lab_" + mark.map { String(format: "%02x", $0) }.joined()
  }

  private var now: Date { records?.now() ?? Date() }

  // MARK: Coming in

  /// - Throws: a `Refusal` if the secret is wrong.
  func check(secret text: String, from peer: Address?) throws {
    guard !Secret.areEqual(text, secret) else { return }
    if let seconds = tries.wait(for: peer, perMinute: LabDoor.triesPerMinute) { throw Refusal.tooManyTries(seconds) }
    throw Refusal.experimenterOnly
  }

  /// Prepares checking a name and password, outside the server's threads.
  /// - Throws: a `Refusal` if there were too many tries, or if too many are waiting.
  func attempt(name: String, password: String, from peer: Address?) throws
    -> @Sendable (
      @escaping @Sendable (Result<Visitor, any Error>) -> Void
    ) -> Void
  {
    if let seconds = tries.wait(for: peer, perMinute: LabDoor.triesPerMinute) { throw Refusal.tooManyTries(seconds) }
    guard queued.add(1, ordering: .relaxed).newValue <= LabDoor.longestQueue else {
      queued.subtract(1, ordering: .relaxed)
      throw Refusal.busy
    }
    return { [self] then in
      queue.async { [self] in
        defer { queued.subtract(1, ordering: .relaxed) }
        let user = user(name)
        let isRight = Password.isRight(password, user?.password ?? nobody)
        guard let user, isRight else { return then(.failure(Refusal.wrongPassword)) }
        tries.forgive(peer)
        then(.success(Visitor(name: user.name, role: user.role)))
      }
    }
  }

  /// Begins a sitting. If it cannot be saved, it lasts as long as the server runs.
  /// - Parameter then: gets the header that gives the browser its token.
  private func begin(_ visitor: Visitor, _ request: Request, then: @escaping @Sendable (Header) -> Void) {
    let token = Secret.urlText(Secret.random(24))
    // Whole seconds are the same when they are read again.
    let end = (now.timeIntervalSince1970 + Double(LabDoor.lifetime)).rounded(.down)
    let session = LabSession(
      hash: ContentHash.of(token), name: visitor.name, proof: proof(of: visitor.name) ?? "",
      expires: Date(timeIntervalSince1970: end))
    let header = cookie(token, seconds: LabDoor.lifetime, request)
    unsaved[session.hash] = session
    guard let records else { return then(header) }
    records.keep(session) { [self] result in
      if case .success = result {
        known[session.hash] = session
        unsaved[session.hash] = nil
      }
      then(header)
    }
  }

  /// Begins a sitting and answers with its cookie.
  func letIn(_ visitor: Visitor, _ request: Request, _ response: Response, _ finish: @escaping Answer.Finish) {
    begin(visitor, request) { cookie in
      var response = response
      response.headers.append(cookie)
      finish(.success(response))
    }
  }

  /// Ends the sittings of a browser.
  /// - Parameter then: gets the header that removes its token, or why they go on: their end could not be saved.
  func end(_ request: Request, then: @escaping @Sendable (Result<Header, any Error>) -> Void) {
    let hashes = request.cookies(cookieName).map { ContentHash.of($0) }.filter { hash in
      defer { unsaved[hash] = nil }
      return unsaved[hash] == nil
    }
    let header = cookie("", seconds: 0, request)
    guard let records, !hashes.isEmpty else { return then(.success(header)) }
    records.endLabSessions(hashes) { [self] result in
      if case .success = result { for hash in hashes { known[hash] = nil } }
      then(result.map { header })
    }
  }

  /// The cookie names no path, since a web server in front may serve the study below another one: the browser keeps it for
  /// the folder of the page. So it is set and removed at one depth only, to make this the same folder each time.
  private func cookie(_ token: String, seconds: Int, _ request: Request) -> Header {
    let secure = request.isSecure ? "; Secure" : ""
    return Header(
      "Set-Cookie", "\(cookieName)=\(token); HttpOnly; SameSite=Strict; Max-Age=\(seconds)\(secure)")
  }

  // MARK: Its addresses

  /// The page, which asks for a sign-in if nobody has signed in. If the query contains the secret, the answer is a cookie and
  /// a redirect to the page without the secret.
  func shell(_ page: PublicPage, _ request: Request) throws -> Answer {
    if let secret = request.query["secret"] {
      try check(secret: secret, from: request.peer)
      return letIn(Visitor(name: "", role: .owner), request) { _ in .redirect(to: "\(request.wayToRoot)lab") }
    }
    var response = try page.response(to: request)
    if (try? visitor(request)) == nil { response.status = 401 }
    return .now(response)
  }

  func signIn(_ request: Request) throws -> Answer {
    let body = try Intake.decode(SignInBody.self, request)
    @Sendable func answer(_ visitor: Visitor) -> Response {
      .json(SignedInView(name: visitor.name, role: visitor.role.rawValue))
    }
    if let secret = body.secret {
      try check(secret: secret, from: request.peer)
      return letIn(Visitor(name: "", role: .owner), request, answer)
    }
    guard let name = body.name, let password = body.password, password.count <= Password.lengths.upperBound else {
      throw Refusal.wrongPassword
    }
    let attempt = try self.attempt(name: name, password: password, from: request.peer)
    return .later { [self] finish in
      attempt { result in
        switch result {
        case .success(let visitor): self.letIn(visitor, request, answer(visitor), finish)
        case .failure(let error): finish(.failure(error))
        }
      }
    }
  }

  private func letIn(
    _ visitor: Visitor, _ request: Request, _ response: @escaping @Sendable (Visitor) -> Response
  ) -> Answer {
    .later { [self] finish in letIn(visitor, request, response(visitor), finish) }
  }

  func signOut(_ request: Request) throws -> Answer {
    _ = try Intake.decode(SignOutBody.self, request)
    return .later { [self] finish in
      end(request) { result in
        finish(
          result.map { cookie in
            var response = Response.json(KeptView())
            response.headers.append(cookie)
            return response
          })
      }
    }
  }

  // MARK: Who is in

  /// - Throws: a `Refusal` for everybody except experimenters.
  func visitor(_ request: Request) throws -> Visitor {
    let now = now
    for token in request.cookies(cookieName) {
      guard let session = try session(ContentHash.of(token)), session.expires > now,
        let proof = proof(of: session.name), Secret.areEqual(proof, session.proof)
      else { continue }
      return Visitor(name: session.name, role: session.name.isEmpty ? .owner : user(session.name)?.role ?? .reader)
    }
    throw Refusal.experimenterOnly
  }

  /// - Throws: a `Refusal` for everybody except owners.
  @discardableResult
  func owner(_ request: Request) throws -> Visitor {
    let visitor = try visitor(request)
    guard visitor.role == .owner else { throw Refusal.ownerOnly }
    return visitor
  }

  private func session(_ hash: String) throws -> LabSession? {
    if let session = unsaved[hash] { return session }
    guard let records else { return nil }
    // Where saving has stopped, these may be somebody else's records, but those who are signed in must see the alarm.
    if records.alarm() != nil, let session = known[hash] { return session }
    do {
      let session = try records.labSession(hash)
      known[hash] = session
      return session
    } catch {
      guard let session = known[hash] else { throw error }
      return session
    }
  }

  /// What a sitting depends on: the present secret or password; nil if the name no longer exists.
  private func proof(of name: String) -> String? {
    guard let word = name.isEmpty ? secret : user(name)?.password else { return nil }
    return Secret.urlText(Secret.authenticate("lab session", key: Data(word.utf8)).prefix(15))
  }

  private func user(_ name: String) -> LabUser? {
    team.withLock { team in
      var status = stat()
      let isThere = stat(folder.appending(path: LabUsers.fileName).path, &status) == 0
      let isSame =
        isThere && status.st_ino == team.stamp.st_ino && status.st_size == team.stamp.st_size
        && status.st_mtim.tv_sec == team.stamp.st_mtim.tv_sec && status.st_mtim.tv_nsec == team.stamp.st_mtim.tv_nsec
      if !isSame {
        // A list that cannot be read lets nobody in.
        team.users = isThere ? try? LabUsers(in: folder) : nil
        team.stamp = isThere ? status : stat()
      }
      return team.users?.user(name)
    }
  }
}
