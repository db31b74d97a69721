import Basics
import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The few functions of a browser that a simulated participant needs: requests to one server, JSON both ways, and the
/// retries of the real pages when the network is down.
struct Browser: Sendable {
  let server: URL
  let session: URLSession

  init(server: URL) {
    self.server = server
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 30
    session = URLSession(configuration: configuration)
  }

  func get(_ path: String) async throws -> Data { try await send(request(path)).data }

  func getJSON<T: Decodable>(_ path: String, as type: T.Type) async throws -> T { try decode(await get(path), path) }

  func post<Body: Encodable, T: Decodable>(_ path: String, _ body: Body, as type: T.Type) async throws -> T {
    var request = request(path)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    request.httpBody = try encoder.encode(body)
    return try decode(await send(request).data, path)
  }

  /// Identifies itself in the header, so that its sessions can be recognised whatever group they join.
  private func request(_ path: String) -> URLRequest {
    var request = URLRequest(url: server.appending(path: path))
    request.setValue("earshot-simulation", forHTTPHeaderField: "User-Agent")
    return request
  }

  private func decode<T: Decodable>(_ data: Data, _ path: String) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do { return try decoder.decode(T.self, from: data) } catch {
      throw Problem(
        "the server's answer to \(path) is not what this version expects: \(error)",
        mend: "Simulate with the same version of Earshot that serves the study.")
    }
  }

  /// The number of attempts with a server that does not answer, and with one that says it is busy.
  private static let (attempts, attemptsAtBusy) = (7, 60)

  /// Sends a request, and retries: after failed connections up to seven attempts over about five seconds, or, while the
  /// server says it is busy, for a minute and a half. Responses carry idempotency keys, so nothing counts twice.
  private func send(_ request: URLRequest) async throws -> (data: Data, status: Int) {
    var last = "no answer"
    for attempt in 1...Self.attemptsAtBusy {
      var isBusy = false
      do {
        let (data, response) = try await session.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        if (200..<300).contains(status) { return (data, status) }
        last = "\(status): \(String(decoding: data.prefix(300), as: UTF8.self))"
        isBusy = [429, 502, 503, 504].contains(status)
        guard isBusy else { break }
        let pause = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "Retry-After").flatMap(Int.init) ?? 0
        if status == 429 { try await Task.sleep(for: .seconds(min(max(pause, 1), 60))) }
      } catch let error as URLError { last = error.localizedDescription }
      // A server or a database that is restarting will be back soon.
      guard attempt < (isBusy ? Self.attemptsAtBusy : Self.attempts) else { break }
      try await Task.sleep(for: .milliseconds(50 << min(attempt, 5)))
    }
    throw Problem(
      "\(request.httpMethod ?? "GET") \(request.url?.path ?? "") failed: \(last)",
      mend: "Check that 'earshot serve' runs at \(server.absoluteString) with this study.")
  }
}
