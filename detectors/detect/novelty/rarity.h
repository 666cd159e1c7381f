#pragma once

#include "detectors/sketch/centroids.h"

namespace tidewatch {

/// How rare a value is among those seen before, in bits: -log2 of the share of the past within a short distance, the
/// mean over two distances (0.06 and 0.2 standard deviations; a Parzen estimate at two bandwidths). Where nothing was
/// ever seen so near, the logarithm of how far away the nearest is counts one and a half times: unlike a rank, that
/// tells the extraordinary from the merely new. 0 while there is no past.
double rarity(const CentroidHistogram& past, double value, double magnitude);

}  // namespace tidewatch
