import Foundation
import Interface
import Testing

@Suite("The interface as an OpenAPI document")
struct OpenAPITests {
  let document: [String: Any]
  let schemas: [String: [String: Any]]

  init() throws {
    let data = try OpenAPI.document(version: "1")
    document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
  }

  private func keys(_ name: String) throws -> (all: Set<String>, required: Set<String>) {
    let schema = try #require(schemas[name])
    let all = try #require(schema["properties"] as? [String: Any])
    return (Set(all.keys), Set(schema["required"] as? [String] ?? []))
  }

  @Test("an object has the keys that are decoded, in snake_case, and its required ones")
  func properties() throws {
    let join = try keys("JoinBody")
    #expect(join.all == ["key", "language", "consent", "recruited_from", "external_id", "parameters"])
    #expect(join.required == ["key", "language", "consent"])
    let response = try keys("ResponseBody")
    #expect(response.all == ["key", "step", "trial", "number", "response_ms", "answers", "comment", "device"])
    #expect(response.required == ["key", "step"])
    let events = try keys("EventsBody.Item")
    #expect(events.all == ["at_ms", "kind", "trial", "stimulus", "value"] && events.required == ["at_ms", "kind"])
  }

  @Test("the body of a trial's answer is one object: the response and what its type requires")
  func trialAnswers() throws {
    let answer = try keys("TrialAnswerBody.RatingsAnswer")
    #expect(answer.all == ["key", "step", "trial", "number", "response_ms", "answers", "comment", "device", "ratings"])
    #expect(try keys("RatingsAnswer.Rating").required == ["position", "rating", "plays", "listened_ms"])
  }

  @Test("lists, maps, unions, enumerations and null are described as such")
  func kinds() throws {
    func property(_ object: String, _ name: String) throws -> [String: Any] {
      try #require((schemas[object]?["properties"] as? [String: Any])?[name] as? [String: Any])
    }
    #expect(try property("StudyView", "languages")["type"] as? String == "array")
    #expect(try property("StudyView", "texts")["additionalProperties"] != nil)
    #expect(
      try property("SessionView", "state")["enum"] as? [String] == ["active", "finished", "ended", "screened_out"])
    let finish = try #require(try property("SessionView", "finish")["anyOf"] as? [[String: Any]])
    #expect(finish.contains { $0["type"] as? String == "null" })
    #expect(try keys("SessionView").required.contains("finish"))
    let linked = try #require(try property("JoinBody", "parameters")["anyOf"] as? [[String: Any]])
    #expect(linked.map { $0["type"] as? String } == ["array", "null"])
  }

  @Test("every reference leads to an object, and every address with a body describes it")
  func whole() throws {
    func references(_ value: Any) -> [String] {
      if let object = value as? [String: Any] {
        return (object["$ref"] as? String).map { [$0] } ?? object.values.flatMap(references)
      }
      return (value as? [Any])?.flatMap(references) ?? []
    }
    for reference in references(document) {
      #expect(schemas[String(reference.trimmingPrefix("#/components/schemas/"))] != nil, "\(reference)")
    }
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    for endpoint in Endpoint.all {
      let path = endpoint.path.replacing(/[:*]([a-z]+)/) { "{\($0.1)}" }
      let operation = try #require(paths[path]?[endpoint.method.rawValue] as? [String: Any], "\(path)")
      #expect((operation["requestBody"] != nil) == (endpoint.method == .post), "\(path)")
    }
  }
}
