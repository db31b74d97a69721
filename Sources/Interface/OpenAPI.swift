import Foundation

/// The interface as an OpenAPI 3.1 document, made from the endpoints and from the types that are encoded and decoded.
public enum OpenAPI {
  /// - Parameter version: the version of the program.
  public static func document(version: String) throws -> Data {
    var reader = ShapeReader()
    var paths: [String: [String: Any]] = [:]
    for endpoint in Endpoint.all {
      paths[path(endpoint), default: [:]][endpoint.method.rawValue] = operation(endpoint, &reader)
    }
    let document: [String: Any] = [
      "openapi": "3.1.0",
      "info": [
        "title": "Earshot", "version": version,
        "description":
          "The interface by which pages and simulated listeners talk to the server of a study. Names are in snake_case. The answer to a trial is one object that holds its step, index and time, and what its trial type asks for.",
      ], "paths": paths, "components": ["schemas": reader.objects.merging(["Refusal": refusal]) { own, _ in own }],
    ]
    var options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys]
    options.insert(.withoutEscapingSlashes)
    return try JSONSerialization.data(withJSONObject: document, options: options) + Data("\n".utf8)
  }

  private static func parts(_ endpoint: Endpoint) -> [Substring] { endpoint.path.split(separator: "/") }

  private static func path(_ endpoint: Endpoint) -> String {
    "/"
      + parts(endpoint).map { $0.first == ":" || $0.first == "*" ? "{\($0.dropFirst())}" : String($0) }
      .joined(separator: "/")
  }

  private static func operation(_ endpoint: Endpoint, _ reader: inout ShapeReader) -> [String: Any] {
    var answer: [String: Any] = ["description": "Success."]
    switch endpoint.answer {
    case .json(let type): answer["content"] = json(schema(type, &reader))
    case .table: answer["content"] = json(["type": ["object", "array"]])
    case .page: answer["content"] = ["text/html": [:] as [String: Any]]
    case .bytes: answer["content"] = ["*/*": [:] as [String: Any]]
    }
    var refused = json(["$ref": "#/components/schemas/Refusal"])
    if case .page = endpoint.answer { refused["text/html"] = [:] as [String: Any] }
    var operation: [String: Any] = [
      "summary": endpoint.summary,
      "responses": [
        endpoint.method == .post ? "2XX" : "200": answer,
        "4XX": [
          "description": "Refused: what is wrong, and how to fix it.",
          "content": refused,
        ],
      ] as [String: Any],
    ]
    let parameters = parts(endpoint).filter { $0.first == ":" || $0.first == "*" }.map { part -> [String: Any] in
      ["name": String(part.dropFirst()), "in": "path", "required": true, "schema": ["type": "string"]]
    }
    if !parameters.isEmpty { operation["parameters"] = parameters }
    if !endpoint.bodies.isEmpty {
      let bodies = endpoint.bodies.map { schema($0, &reader) }
      operation["requestBody"] = [
        "required": true, "content": json(bodies.count == 1 ? bodies[0] : ["anyOf": bodies]),
      ]
    }
    return operation
  }

  private static func schema(_ type: any Message.Type, _ reader: inout ShapeReader) -> [String: Any] {
    reader.schema(type)
  }

  private static func json(_ schema: [String: Any]) -> [String: Any] { ["application/json": ["schema": schema]] }

  /// The schema shared by all refusals, as `Refusal` in the room HTTP writes them.
  private static var refusal: [String: Any] {
    let text = ["type": "string"]
    return [
      "type": "object", "required": ["error"],
      "properties": [
        "error": [
          "type": "object", "required": ["code", "message", "mend"],
          "properties": ["code": text, "message": text, "mend": text],
        ] as [String: Any],
        "retry": ["type": "boolean"],
      ] as [String: Any],
    ]
  }
}
