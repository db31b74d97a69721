import Foundation

/// An HTTP client that sends exactly the given bytes, well-formed or not, over its own socket.
public struct WireClient: Sendable {
  public let port: Int

  public init(port: Int) { self.port = port }

  /// A port of this machine that nothing is listening on at the moment.
  public static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var (address, size) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound else { throw Failure(description: "no port is free") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  public struct Failure: Error, CustomStringConvertible {
    public var description: String

    public init(description: String) { self.description = description }
  }

  public struct Reply: Sendable {
    public var status: Int
    /// The headers in the order and case in which they arrived.
    public var headers: [(name: String, value: String)]
    public var body: Data

    public subscript(header: String) -> String? {
      headers.first { $0.name.lowercased() == header.lowercased() }?.value
    }

    public var text: String { String(decoding: body, as: UTF8.self) }

    public func json() throws -> [String: Any] {
      guard let object = try JSONSerialization.jsonObject(with: body) as? [String: Any] else {
        throw Failure(description: "the body is no JSON object: \(text)")
      }
      return object
    }

    /// The code of an error reply in the server's JSON form; nil for any other reply.
    public var errorCode: String? { ((try? json())?["error"] as? [String: Any])?["code"] as? String }
  }

  public func get(_ path: String, _ headers: [String: String] = [:], method: String = "GET") throws -> Reply {
    try request(method, path, headers, body: nil)
  }

  public func post(_ path: String, _ json: Any, _ headers: [String: String] = [:]) throws -> Reply {
    try request(
      "POST", path, headers.merging(["Content-Type": "application/json"]) { a, _ in a },
      body: JSONSerialization.data(withJSONObject: json, options: [.fragmentsAllowed, .sortedKeys]))
  }

  public func request(_ method: String, _ path: String, _ headers: [String: String], body: Data?) throws -> Reply {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    guard let reply = try send(Data((head + "\r\n").utf8) + (body ?? Data()), isHead: method == "HEAD") else {
      throw Failure(description: "\(method) \(path): the server closed without an answer")
    }
    return reply
  }

  /// Sends bytes and reads one reply; nil if the server closes the connection without one.
  public func send(_ bytes: Data, isHead: Bool = false) throws -> Reply? {
    let connection = try Connection(port: port)
    connection.write(bytes)
    return try connection.read(isHead: isHead)
  }

  /// A single connection, for tests of several requests or of requests sent in pieces.
  public final class Connection {
    private let descriptor: Int32
    private var buffer = Data()

    /// - Parameters:
    ///   - from: the local address to connect from, such as `127.0.0.2`.
    ///   - patience: the time limit of a read, in seconds.
    ///   - receiveBuffer: the size of the system's receive buffer, in bytes; nil for the default.
    public init(port: Int, from: String = "127.0.0.1", patience: Int = 20, receiveBuffer: Int? = nil) throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard descriptor >= 0 else { throw Failure(description: "no socket: \(String(cString: strerror(errno)))") }
      func address(_ text: String, _ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(text)
        return address
      }
      func with(_ address: sockaddr_in, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: address) { pointer in
          pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
          }
        }
      }
      var patience = timeval(tv_sec: patience, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      if var size = receiveBuffer.map(Int32.init) {
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
      }
      if from != "127.0.0.1" { _ = with(address(from, 0), bind) }
      let connected = with(address("127.0.0.1", port), connect)
      guard connected == 0 else { throw Failure(description: "cannot connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false if the other side has closed the connection.
    @discardableResult
    public func write(_ bytes: Data) -> Bool {
      var rest = bytes
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }

    /// Whether the other side closes the connection within a number of milliseconds. Data that it sent before can still
    /// be read.
    public func closes(within milliseconds: Int) -> Bool {
      // POLLRDHUP, which glibc declares only for GNU extensions.
      var eye = pollfd(fd: descriptor, events: 0x2000, revents: 0)
      return poll(&eye, 1, Int32(milliseconds)) > 0
    }

    /// Receives at most `most` bytes and returns their number; 0 at the end.
    public func take(_ most: Int) -> Int {
      var piece = [UInt8](repeating: 0, count: most)
      return max(0, recv(descriptor, &piece, most, 0))
    }

    /// Tells the other side that nothing more will be sent.
    public func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    private func receive() -> Bool {
      var piece = [UInt8](repeating: 0, count: 65536)
      let count = recv(descriptor, &piece, piece.count, 0)
      guard count > 0 else { return false }
      buffer.append(contentsOf: piece[..<count])
      return true
    }

    /// Reads the next reply; nil if the connection ends before one.
    public func read(isHead: Bool = false) throws -> Reply? {
      let blankLine = Data("\r\n\r\n".utf8)
      while true {
        while buffer.range(of: blankLine) == nil { guard receive() else { return nil } }
        guard let end = buffer.range(of: blankLine) else { return nil }
        let lines = String(decoding: buffer[buffer.startIndex..<end.lowerBound], as: UTF8.self)
          .components(separatedBy: "\r\n")
        buffer = Data(buffer[end.upperBound...])
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
          throw Failure(description: "not a status line: \(lines[0])")
        }
        if status == 100 { continue }
        let headers = lines.dropFirst().map { line in
          let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
          return (
            name: String(parts[0]), value: parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
          )
        }
        var reply = Reply(status: status, headers: headers, body: Data())
        guard !isHead, status != 304, status != 204 else { return reply }
        if let length = reply["content-length"].flatMap({ Int($0) }) {
          while buffer.count < length { guard receive() else { break } }
          reply.body = Data(buffer.prefix(length))
          buffer = Data(buffer.dropFirst(length))
        } else {
          while receive() {}
          reply.body = buffer
          buffer = Data()
        }
        return reply
      }
    }
  }
}

/// A temporary folder that is removed with this object.
public final class TemporaryFolder: Sendable {
  public let url: URL

  public init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "earshot-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}
