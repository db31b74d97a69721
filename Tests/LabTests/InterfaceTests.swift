import Foundation
import Interface
import TestSupport
import Testing

/// The server's answers match the OpenAPI document, key by key.
@Suite("The interface matches its description")
struct InterfaceTests {
  private let schemas: [String: [String: Any]]
  private let paths: [String: [String: Any]]

  init() throws {
    let document = try #require(
      try JSONSerialization.jsonObject(with: OpenAPI.document(version: "1")) as? [String: Any])
    schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
    paths = try #require(document["paths"] as? [String: [String: Any]])
  }

  /// Where a value violates its schema, for those keywords of JSON Schema that the document uses.
  private func faults(_ value: Any, _ schema: [String: Any], at place: String) -> [String] {
    if let reference = schema["$ref"] as? String {
      return faults(value, schemas[String(reference.trimmingPrefix("#/components/schemas/"))] ?? [:], at: place)
    }
    if let choices = schema["anyOf"] as? [[String: Any]] {
      let all = choices.map { faults(value, $0, at: place) }
      return all.contains([]) ? [] : all.first ?? []
    }
    if let words = schema["enum"] as? [String], !words.contains(value as? String ?? "") { return ["\(place): no word"] }
    switch schema["type"] as? String {
    case "string": return value is String ? [] : ["\(place): no text"]
    case "integer", "number": return value is NSNumber ? [] : ["\(place): no number"]
    case "boolean": return value is Bool ? [] : ["\(place): no flag"]
    case "null": return value is NSNull ? [] : ["\(place): not null"]
    case "array":
      guard let list = value as? [Any], let items = schema["items"] as? [String: Any] else {
        return ["\(place): no list"]
      }
      return list.enumerated().flatMap { faults($1, items, at: "\(place)[\($0)]") }
    case "object":
      guard let object = value as? [String: Any] else { return ["\(place): no object"] }
      if let each = schema["additionalProperties"] as? [String: Any] {
        return object.flatMap { faults($1, each, at: "\(place).\($0)") }
      }
      guard let properties = schema["properties"] as? [String: [String: Any]] else { return [] }
      let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }
      return missing.map { "\(place).\($0): missing" }
        + object.flatMap { name, value in
          properties[name].map { faults(value, $0, at: "\(place).\(name)") } ?? ["\(place).\(name): not described"]
        }
    default: return ["\(place): no schema"]
    }
  }

  private func faults(_ reply: WireClient.Reply, _ method: String, _ path: String) throws -> [String] {
    let responses = (paths[path]?[method] as? [String: Any])?["responses"] as? [String: Any] ?? [:]
    let answer = responses[reply.status >= 400 ? "4XX" : method == "post" ? "2XX" : "200"] as? [String: Any]
    let json = (answer?["content"] as? [String: Any])?["application/json"] as? [String: Any]
    let schema = try #require(json?["schema"] as? [String: Any], "\(method) \(path)")
    return faults(try JSONSerialization.jsonObject(with: reply.body), schema, at: "\(method) \(path)")
  }

  @Test("every documented address is answered, and no other")
  func addresses() throws {
    let study = try SmallStudy()
    #expect(Set(study.lab.addresses) == Set(Endpoint.all.map { "\($0.method.rawValue) \($0.path)" }))
    #expect(study.lab.addresses.count == Endpoint.all.count)
  }

  @Test("answers match the documentation, and so do refusals")
  func replies() throws {
    let study = try SmallStudy()
    #expect(try faults(study.client.get("/api/study"), "get", "/api/study") == [])
    #expect(try faults(study.joining(), "post", "/api/sessions") == [])
    #expect(try faults(study.joining(language: "xx"), "post", "/api/sessions") == [])
    let token = try study.join()
    let (state, responses) = ("/api/sessions/{token}", "/api/sessions/{token}/responses")
    #expect(try faults(study.client.get("/api/sessions/\(token)"), "get", state) == [])
    #expect(try faults(study.respond(token, ["step": "dance"]), "post", responses) == [])
    try study.prepare(token)
    for trial in try study.trials(token) {
      let reply = try study.respond(token, SmallStudy.trialBody(trial.index, trial.letters))
      #expect(try faults(reply, "post", responses) == [])
    }
    #expect(try faults(study.client.get("/api/sessions/\(token)"), "get", state) == [])
    let events = try study.client.post("/api/sessions/\(token)/events", ["key": SmallStudy.key(), "events": []])
    #expect(try faults(events, "post", "/api/sessions/{token}/events") == [])
    let cookie = ["Cookie": try LabTests.cookie(study)]
    let paused = try study.client.post("/lab/api/pause", ["paused": false], cookie)
    #expect(try faults(paused, "post", "/lab/api/pause") == [])
  }
}
