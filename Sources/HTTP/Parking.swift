import CMicrohttpd
import Foundation
import Synchronization

/// The connections that are waiting for their answers. libmicrohttpd must not be stopped while one is parked: it would end
/// the process.
final class Parking: Sendable {
  private struct Lot {
    var parked: [ObjectIdentifier: Parked] = [:]
    var isClosed = false
  }

  private let lot = Mutex(Lot())
  /// Headers for answers that no handler gave.
  fileprivate let headers: [Header]

  init(_ headers: [Header]) { self.headers = headers }

  /// Parks a connection; nil if parking is closed.
  func park(_ connection: OpaquePointer, _ exchange: Exchange) -> Parked? {
    lot.withLock { lot in
      guard !lot.isClosed else { return nil }
      let parked = Parked(connection: connection, exchange: exchange, parking: self)
      MHD_suspend_connection(connection)
      lot.parked[ObjectIdentifier(exchange)] = parked
      return parked
    }
  }

  /// Answers every waiting connection that the server is stopping, and parks no more. When it returns, no connection is
  /// parked.
  func close() {
    let waiting = lot.withLock { lot in
      lot.isClosed = true
      return Array(lot.parked.values)
    }
    for parked in waiting { parked.resume(.failure(Refusal.stopping)) }
    // One whose answer came at the same moment is just being taken out by another thread.
    while lot.withLock({ !$0.parked.isEmpty }) { usleep(1_000) }
  }

  fileprivate func left(_ exchange: Exchange) { lot.withLock { $0.parked[ObjectIdentifier(exchange)] = nil } }
}

/// A connection that is waiting for its answer.
/// `@unchecked`: libmicrohttpd allows a suspended connection to be resumed from any thread; `answer` does so only once.
struct Parked: @unchecked Sendable {
  fileprivate let connection: OpaquePointer
  fileprivate let exchange: Exchange
  fileprivate let parking: Parking

  /// Hands over the answer; only the first one counts.
  func resume(_ result: Result<Response, any Error>) {
    let isFirst = exchange.answer.withLock { answer in
      guard answer == nil else { return false }
      switch result {
      case .success(let response): answer = response
      case .failure(let error): answer = (error as? Refusal ?? .internalError).response(with: parking.headers)
      }
      return true
    }
    guard isFirst else { return }
    MHD_resume_connection(connection)
    parking.left(exchange)
  }
}
