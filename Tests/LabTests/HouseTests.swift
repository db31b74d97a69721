import Foundation
import HTTP
import Lab
import Logging
import TestSupport
import Testing

@Suite("Several studies under one address")
struct HouseTests {
  private static let secret = "secret-of-the-house-of-tests"

  private struct Served {
    var studies: [SmallStudy]
    var server: Server
    var client: WireClient
  }

  private func serve(basePath: [String] = []) throws -> Served {
    let studies = [try SmallStudy(workshop: "lab"), try SmallStudy({ $0.title = "The other one" }, workshop: "lab")]
    let rooms = [
      House.Room(name: "first", title: "A small study", lab: studies[0].lab),
      House.Room(name: "second", title: "The other one", lab: studies[1].lab),
      House.Room(name: "third", title: "third", trouble: "it is broken"),
    ]
    let house = try House(
      rooms, pages: SmallStudy.pages, data: studies[0].folder.url, secret: Self.secret, basePath: basePath,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let server = try Server(port: 0, handler: house.handler)
    return Served(studies: studies, server: server, client: WireClient(port: server.port))
  }

  @Test("each study is served below its name, with its own records, secret and dashboard")
  func apart() throws {
    let served = try serve()
    defer { served.server.stop() }
    let client = served.client
    for (name, title) in [("first", "A small study"), ("second", "The other one")] {
      #expect(try client.get("/\(name)/api/study").json()["title"] as? String == title)
      let body: [String: Any] = ["key": SmallStudy.key(), "language": "en", "consent": true]
      #expect(try client.post("/\(name)/api/sessions", body).status == 201)
    }
    #expect(try served.studies.map { try $0.records.overview().joined } == [1, 1])
    // Pages find their files from below the name, with and without the trailing slash.
    for (path, way) in [("/second", "second/"), ("/second/", ""), ("/second/t/x", "../"), ("/second/lab", "")] {
      let page = try client.get(path)
      let addresses = page.text.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.1) }
      #expect(addresses.count >= 4 && addresses.allSatisfy { $0.hasPrefix("\(way)assets/") }, "\(path)")
    }
    let cookie = try client.post("/first/lab", ["secret": SmallStudy.secret])["Set-Cookie"]
    let mine = ["Cookie": String(try #require(cookie).prefix { $0 != ";" })]
    #expect(try client.get("/first/lab/api/status", mine).status == 200)
    #expect(try client.get("/second/lab/api/status", mine).status == 401)
    #expect(try client.get("/lab/api/overview", mine).status == 401)
    for path in ["/third", "/third/api/study", "/", "/api/study", "/t/x", "/fourth/lab", "/first/../second/lab"] {
      let reply = try client.get(path)
      #expect(reply.status == 404 || reply.status == 400, "\(path)")
      if reply.status == 404 { #expect(reply["Content-Security-Policy"] != nil, "\(path)") }
    }
    for path in ["/readyz", "/healthz"] { #expect(try client.get(path).status == 200) }
  }

  @Test("the overview needs the house's secret, and shows how each study is going")
  func overview() throws {
    let served = try serve()
    defer { served.server.stop() }
    let client = served.client
    _ = try served.studies[1].takePart()
    #expect(try client.get("/lab").status == 401)
    #expect(try client.get("/lab/api/overview").status == 401)
    #expect(try client.post("/lab", ["secret": SmallStudy.secret]).status == 401)
    let reply = try client.post("/lab", ["secret": Self.secret])
    let mine = ["Cookie": String(try #require(reply["Set-Cookie"]).prefix { $0 != ";" })]
    #expect(try client.get("/lab", mine).status == 200)
    let overview = try client.get("/lab/api/overview", mine)
    let list = try #require(try JSONSerialization.jsonObject(with: overview.body) as? [[String: Any]])
    #expect(list.map { $0["name"] as? String } == ["first", "second", "third"])
    #expect(list.map { $0["finished"] as? Int } == [0, 1, nil])
    #expect(list.map { $0["trouble"] as? String } == [nil, nil, "it is broken"])
    let tag = try #require(overview["ETag"])
    #expect(try client.get("/lab/api/overview", mine.merging(["If-None-Match": tag]) { a, _ in a }).status == 304)
    #expect(try client.post("/sign-out", [String: String](), mine).status == 200)
    #expect(try client.get("/lab/api/overview", mine).status == 401)
  }

  @Test("a web server in front may leave its path prefix on")
  func leftOn() throws {
    let served = try serve(basePath: ["listen"])
    defer { served.server.stop() }
    #expect(try served.client.get("/listen/second/api/study").json()["title"] as? String == "The other one")
    #expect(try served.client.get("/second/api/study").status == 200)
    #expect(try served.client.get("/listen/lab").status == 401)
  }

  @Test("reserved names and names that an address cannot hold are refused")
  func names() {
    for name in ["a", "Study_1", "2026-night.b"] { #expect(House.isName(name), "\(name)") }
    for name in [
      "", "lab", "Lab", "t", "api", "data", "a b", "ä", ".x", "-x", "a/b", String(repeating: "a", count: 65),
    ] {
      #expect(!House.isName(name), "\(name)")
    }
  }
}
