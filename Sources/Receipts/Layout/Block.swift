// SPDX-License-Identifier: Apache-2.0

/// Where the columns of a line stand, as ReceiptLine shares out the paper.
struct Block {
  /// A column of the line and its cells.
  struct Place {
    var index: Int
    var width: Int
  }

  /// The columns that are printed.
  let places: [Place]
  /// Cells from the first column's left edge to the last one's right edge.
  let width: Int
  /// Blanks before the first column.
  let offset: Int

  /// Shares out the paper among so many columns.
  init(paper: Int, _ format: LineFormat, columns: Int) {
    var widths = [Int?](repeating: nil, count: columns)
    if case .cells(let given) = format.widths { widths = given }
    var places: [(index: Int, width: Int?)] = []
    for (index, width) in widths.enumerated() where width != 0 { places.append((index, width)) }
    let gap = format.gap
    places = Array(places.prefix(max(1, (paper + gap) / (gap + 1))))
    var free = paper - (places.count - 1) * gap
    free -= places.reduce(0) { $0 + ($1.width ?? 0) }
    let sharing = places.count { $0.width == nil }
    while free < sharing, let widest = Block.widest(places) {
      places[widest].width = (places[widest].width ?? 0) - 1
      free += 1
    }
    var shares = 0
    self.places = places.map { place in
      if let width = place.width { return Place(index: place.index, width: width) }
      shares += 1
      return Place(index: place.index, width: (free + shares - 1) / sharing)
    }
    width = self.places.reduce((places.count - 1) * gap) { $0 + $1.width }
    let rest = paper - width
    offset =
      switch format.alignment {
      case .left: 0
      case .centre: rest / 2
      case .right: rest
      }
  }

  /// The widest column of a fixed width, the last of several; nil when none can be narrower.
  private static func widest(_ places: [(index: Int, width: Int?)]) -> Int? {
    var found: Int?
    var most = 1
    for (number, place) in places.enumerated() {
      if let width = place.width, width >= most, width > 1 {
        most = width
        found = number
      }
    }
    return found
  }
}
