import Study
import Trials

// Types whose shape cannot be read from their properties: unions, and numbers with bounds.

extension Measured: Described {
  static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["type": "number", "description": "From 0; anything longer than a leap year counts as a leap year."]
  }
  static var example: Measured { Measured(0) }
}

extension ResponseBody.Answers: Described {
  static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["anyOf": [reader.schema([String: ResponseBody.Value].self), reader.schema([Int].self)]]
  }
  static var example: ResponseBody.Answers { .byRound([]) }
}

extension ResponseBody.Value: Described {
  static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["anyOf": [reader.schema(String.self), reader.schema(Double.self), reader.schema([String].self), ["type": "null"]]]
  }
  static var example: ResponseBody.Value { .missing }
}

extension EventsBody.Value: Described {
  static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["anyOf": [reader.schema(String.self), reader.schema(Double.self), reader.schema(Bool.self)]]
  }
  static var example: EventsBody.Value { .text("") }
}

extension SessionView.State: Described {
  static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["type": "string", "enum": allCases.map(\.rawValue)]
  }
  static var example: SessionView.State { .active }
}

extension Outcome: Described {
  static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["type": "string", "enum": allCases.map(\.rawValue)]
  }
  static var example: Outcome { .completed }
}

extension Closed: Described {
  static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["type": "string", "enum": allCases.map(\.rawValue)]
  }
  static var example: Closed { .paused }
}

extension Explicit: Described {
  static func schema(_ reader: inout ShapeReader) -> [String: Any] {
    ["anyOf": [reader.schema(Value.self), ["type": "null"]]]
  }
  static var example: Explicit { Explicit(wrappedValue: nil) }
}
