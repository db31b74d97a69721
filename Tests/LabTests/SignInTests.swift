import Basics
import Foundation
import HTTP
import Lab
import Testing
import TestSupport

@Suite("Signing in and out of the lab")
struct SignInTests {
  private static let word = "four words that fit"

  private static func cookie(_ reply: WireClient.Reply) throws -> String {
    String(try #require(reply["Set-Cookie"]).prefix { $0 != ";" })
  }

  private static func status(_ study: SmallStudy, _ cookie: String) throws -> Int {
    try study.client.get("/lab/api/status", ["Cookie": cookie]).status
  }

  private static func add(_ study: SmallStudy, _ name: String, _ role: LabUser.Role, password: String = word) throws {
    let hash = try Password.hash(password)
    try LabUsers.change(in: study.data) { $0.put(LabUser(name: name, role: role, password: hash)) }
  }

  @Test("the secret signs in by body or link, with the study's own cookie, which lasts a week")
  func bySecret() throws {
    let (study, other) = (try SmallStudy(workshop: "lab"), try SmallStudy(workshop: "lab"))
    let reply = try study.client.post("/lab", ["secret": SmallStudy.secret])
    #expect(reply.status == 200)
    #expect(try reply.json()["role"] as? String == "owner")
    let set = try #require(reply["Set-Cookie"])
    #expect(set.contains("; HttpOnly; SameSite=Strict; Max-Age=604800") && !set.contains("Secure"))
    let cookie = try Self.cookie(reply)
    #expect(try Self.status(study, cookie) == 200)
    // Two studies on one host receive each other's cookies, whatever their ports.
    let theirs = try Self.cookie(other.client.post("/lab", ["secret": SmallStudy.secret]))
    #expect(cookie.prefix { $0 != "=" } != theirs.prefix { $0 != "=" })
    #expect(try Self.status(other, cookie) == 401)
    #expect(try Self.status(study, "\(theirs); \(cookie)") == 200)
  }

  @Test("browsers without a session are sent to sign in and then on; programs get a refusal")
  func onward() throws {
    let study = try SmallStudy(workshop: "lab")
    let browser = ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"]
    for (path, way) in [
      ("/lab/report", "../lab?to=lab/report"), ("/lab/export/ratings.csv", "../../lab?to=lab/export/ratings.csv"),
      ("/lab/blocks/a%20b/report.html", "../../../lab?to=lab/blocks/a%2520b/report.html"), ("/lab?secret=wrong", "lab"),
    ] {
      let reply = try study.client.get(path, browser)
      #expect(reply.status == 303 && reply["Location"] == way, "\(path): \(reply["Location"] ?? "")")
      #expect(try study.client.get(path).errorCode == "experimenter_only", "\(path)")
    }
    let cookie = try ["Cookie": Self.cookie(study.client.post("/lab", ["secret": SmallStudy.secret]))]
    #expect(try study.client.get("/lab/api/status", browser.merging(cookie) { a, _ in a }).status == 200)
  }

  @Test("the cookie is for HTTPS only if a trusted proxy says that the browser uses HTTPS")
  func secure() throws {
    let study = try SmallStudy(workshop: "lab")
    func isSecure(_ headers: [String: String]) throws -> Bool {
      try study.client.post("/lab", ["secret": SmallStudy.secret], headers)["Set-Cookie"]?.contains("; Secure") == true
    }
    #expect(try isSecure(["X-Forwarded-Proto": "https"]))
    #expect(try isSecure(["Forwarded": "for=192.0.2.7;proto=https, for=10.0.0.1"]))
    #expect(try !isSecure(["X-Forwarded-Proto": "http", "Forwarded": "proto=https"]))
    var limits = Server.Limits()
    limits.proxies = []
    let server = try Server(port: 0, limits: limits, handler: study.lab.handler)
    defer { server.stop() }
    let reply = try WireClient(port: server.port).post(
      "/lab", ["secret": SmallStudy.secret], ["X-Forwarded-Proto": "https"])
    #expect(reply.status == 200 && reply["Set-Cookie"]?.contains("Secure") == false)
  }

  @Test("a session ends on signing out or after a week, and survives a restart of the server")
  func sittings() throws {
    let clock = TestClock()
    let study = try SmallStudy(workshop: "lab", now: { clock.now })
    let first = try Self.cookie(study.client.post("/lab", ["secret": SmallStudy.secret]))
    let second = try Self.cookie(study.client.post("/lab", ["secret": SmallStudy.secret]))
    let again = try Lab(
      stage: study.stage, records: study.records, pages: SmallStudy.pages, data: study.data, secret: SmallStudy.secret,
      logger: .init(label: "test"))
    let anew = try Lab(
      stage: study.stage, records: study.records, pages: SmallStudy.pages, data: study.data,
      secret: "another-secret-of-the-tests", logger: .init(label: "test"))
    for (lab, expected) in [(again, 200), (anew, 401)] {
      let server = try Server(port: 0, handler: lab.handler)
      defer { server.stop() }
      #expect(try WireClient(port: server.port).get("/lab", ["Cookie": first]).status == expected)
    }
    let beside = try Server(port: 0, handler: again.handler)
    defer { beside.stop() }
    func standing(_ cookie: String) throws -> Int {
      try WireClient(port: beside.port).get("/lab/api/status", ["Cookie": cookie]).status
    }
    #expect(try standing(first) == 200)
    let out = try study.client.post("/sign-out", [String: String](), ["Cookie": first])
    #expect(out.status == 200 && out["Set-Cookie"]?.contains("Max-Age=0") == true)
    #expect(try Self.status(study, first) == 401)
    #expect(try standing(first) == 401)
    #expect(try Self.status(study, second) == 200)
    clock.now += 7 * 86_400
    #expect(try Self.status(study, second) == 401)
  }

  @Test("a reader can look and download, an owner can do everything; a removed user or an old password is out")
  func names() throws {
    let study = try SmallStudy(workshop: "lab")
    try Self.add(study, "ada", .owner)
    try Self.add(study, "grace", .reader)
    func signIn(_ name: String, _ password: String = SignInTests.word) throws -> WireClient.Reply {
      try study.client.post("/lab", ["name": name, "password": password])
    }
    let (ada, grace) = (try Self.cookie(signIn("ada")), try Self.cookie(signIn("grace")))
    let me = try study.client.get("/lab/api/status", ["Cookie": grace]).json()["me"] as? [String: String]
    #expect(me == ["name": "grace", "role": "reader"])
    #expect(try study.client.get("/lab/export/ratings.csv", ["Cookie": grace]).status == 200)
    #expect(try study.client.get("/lab/export/invitations.csv", ["Cookie": grace]).status == 403)
    for (path, body) in [
      ("/lab/api/pause", ["paused": true]), ("/lab/api/exclude", ["session": 1, "excluded": true, "reason": "x"]),
    ] as [(String, [String: Any])] {
      let reply = try study.client.post(path, body, ["Cookie": grace])
      #expect(reply.status == 403 && reply.errorCode == "owner_only", "\(path)")
    }
    #expect(try study.client.post("/lab/api/pause", ["paused": true], ["Cookie": ada]).status == 200)
    for (name, password) in [("ada", "four words that do not"), ("nobody", Self.word), ("", Self.word), ("ada", "")] {
      let reply = try signIn(name, password)
      #expect(reply.status == 401 && reply.errorCode == "wrong_password", "\(name)")
    }
    try Self.add(study, "ada", .owner, password: "another four words")
    try LabUsers.change(in: study.data) {
      let isRemoved = $0.remove("grace")
      #expect(isRemoved)
    }
    #expect(try Self.status(study, ada) == 401)
    #expect(try Self.status(study, grace) == 401)
    #expect(try signIn("ada", "another four words").status == 200)
  }

  @Test("passwords are stored as salted Argon2id hashes, in a file readable by its owner only")
  func hashes() throws {
    let study = try SmallStudy(workshop: "lab")
    try Self.add(study, "ada", .owner)
    try Self.add(study, "grace", .owner)
    let users = try LabUsers(in: study.data).users
    #expect(users.allSatisfy { $0.password.hasPrefix("$argon2id$") && Password.isRight(Self.word, $0.password) })
    #expect(users[0].password != users[1].password)
    let file = study.data.appending(path: LabUsers.fileName)
    #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o600)
    #expect(!(try String(contentsOf: file, encoding: .utf8)).contains(Self.word))
    // A check for an unknown name costs as much: the hash has the same form, salt and all.
    let (nobody, ada) = (Password.hashOfNobody().split(separator: "$"), users[0].password.split(separator: "$"))
    #expect(nobody.prefix(3) == ada.prefix(3) && nobody.map(\.count) == ada.map(\.count))
    #expect(!Password.isRight(Self.word, Password.hashOfNobody()) && !Password.isRight("", Password.hashOfNobody()))
    // The same letter may be composed in two ways.
    #expect(Password.isRight("u\u{308}ber den Wolken", try Password.hash("\u{fc}ber den Wolken")))
  }

  @Test("wrong passwords are slowed down by address; the secret and other addresses are not locked out")
  func slowedDown() throws {
    let study = try SmallStudy(workshop: "lab")
    try Self.add(study, "ada", .owner)
    func tryOut(_ body: [String: String], from address: String) throws -> WireClient.Reply {
      try study.client.post("/lab", body, ["X-Forwarded-For": address])
    }
    let statuses = try (0..<12).map { _ in try tryOut(["secret": "wrong"], from: "192.0.2.7").status }
    #expect(statuses == [Int](repeating: 401, count: 10) + [429, 429])
    let refused = try tryOut(["name": "ada", "password": Self.word], from: "192.0.2.7")
    #expect(refused.status == 429 && refused.errorCode == "too_many_tries" && refused["Retry-After"] != nil)
    #expect(
      try study.client.get("/metrics", ["Authorization": "Bearer wrong", "X-Forwarded-For": "192.0.2.7"]).status == 429)
    #expect(try study.client.get("/lab?secret=wrong", ["X-Forwarded-For": "192.0.2.7"]).status == 429)
    #expect(try tryOut(["secret": SmallStudy.secret], from: "192.0.2.7").status == 200)
    #expect(try tryOut(["name": "ada", "password": Self.word], from: "192.0.2.8").status == 200)
  }

  @Test("a list of users that cannot be read admits none of them, and the secret still works")
  func spoiltList() throws {
    let study = try SmallStudy(workshop: "lab")
    try Self.add(study, "ada", .owner)
    let cookie = try Self.cookie(study.client.post("/lab", ["name": "ada", "password": Self.word]))
    try Data("{\"users\": 3}".utf8).write(to: study.data.appending(path: LabUsers.fileName))
    #expect(try Self.status(study, cookie) == 401)
    #expect(try study.client.post("/lab", ["name": "ada", "password": Self.word]).status == 401)
    #expect(try study.client.post("/lab", ["secret": SmallStudy.secret]).status == 200)
    #expect(throws: Problem.self) { try LabUsers(in: study.data) }
  }

  @Test("everything that is posted must declare that it is JSON")
  func contentType() throws {
    let study = try SmallStudy(workshop: "lab")
    for path in ["/api/sessions", "/api/leave", "/lab", "/sign-out"] {
      for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let reply = try study.client.request("POST", path, ["Content-Type": type], body: Data("{}".utf8))
        #expect(reply.status == 415 && reply.errorCode == "json_expected", "\(path) \(type)")
      }
      let reply = try study.client.request(
        "POST", path, ["Content-Type": "Application/JSON; charset=utf-8"], body: Data("{}".utf8))
      #expect(reply.status != 415, "\(path)")
    }
  }

  @Test("sites that the study names may show listeners' pages in a frame; nobody may show the lab in one")
  func frames() throws {
    let study = try SmallStudy({ $0.joining.frames = ["https://app.panel.example", "https://*.school.example"] })
    for path in ["/", "/t/anything"] {
      let page = try study.client.get(path)
      #expect(
        page["Content-Security-Policy"]?.hasSuffix(
          "frame-ancestors https://app.panel.example https://*.school.example") == true)
      #expect(page["X-Frame-Options"] == nil && page["X-Content-Type-Options"] == "nosniff")
    }
    let lab = try study.client.get("/lab")
    #expect(lab["Content-Security-Policy"]?.hasSuffix("frame-ancestors 'none'") == true)
    #expect(lab["X-Frame-Options"] == "DENY")
  }

  @Test("browsers and proxies do not store private content")
  func noStore() throws {
    let study = try SmallStudy(workshop: "lab")
    let token = try study.join()
    let cookie = ["Cookie": try LabTests.cookie(study)]
    for path in [
      "/api/sessions/\(token)", "/lab/api/status", "/lab/export/ratings.csv", "/lab/export/export.zip",
      "/lab/export/invitations.csv", "/metrics",
    ] {
      #expect(try study.client.get(path, cookie)["Cache-Control"] == "no-store", "\(path)")
    }
  }

  @Test("headers are also set on refusals that no handler sees")
  func earlyRefusals() throws {
    let study = try SmallStudy(workshop: "lab")
    var limits = Server.Limits()
    limits.earlyHeaders = Lab.securityHeaders
    limits.perPeer = 2
    let server = try Server(port: 0, limits: limits, handler: study.lab.handler)
    defer { server.stop() }
    let client = WireClient(port: server.port)
    let long = String(repeating: "x", count: 17_000)
    var replies = [
      try client.get("/" + long), try client.get("/", ["X-Long": long]), try client.get("/a/../b"),
      try client.request("PUT", "/", [:], body: nil),
      try client.request("POST", "/api/sessions", [:], body: Data(count: 300_000)),
    ]
    #expect(replies.map(\.status) == [414, 431, 400, 405, 413])
    let forwarded = ["X-Forwarded-For": "192.0.2.9"]
    limits.perPeer = 0
    let strict = try Server(port: 0, limits: limits, handler: study.lab.handler)
    defer { strict.stop() }
    replies.append(try WireClient(port: strict.port).get("/", forwarded))
    #expect(replies.last?.status == 503)
    for reply in replies {
      for header in Lab.securityHeaders {
        #expect(reply[header.name] == header.value, "\(reply.status) \(header.name)")
      }
    }
  }
}

/// A clock that a test sets.
private final class TestClock: @unchecked Sendable {
  private let lock = NSLock()
  private var time = Date()

  var now: Date {
    get { lock.withLock { time } }
    set { lock.withLock { time = newValue } }
  }
}
