#include "vp8/probability_tables.hpp"

namespace xc::vp8 {

void ProbabilityTables::update(FrameHeader const& header) {
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 8; ++j) {
      for (std::size_t k = 0; k < 3; ++k) {
        for (std::size_t t = 0; t < 11; ++t) {
          auto& probability = coefficients[i][j][k][t];
          probability = header.coefficient_updates[i][j][k][t].value_or(probability);
        }
      }
    }
  }
  for (std::size_t component = 0; component < 2; ++component) {
    for (std::size_t i = 0; i < 19; ++i) {
      auto& probability = mv[component][i];
      probability = header.mv_updates[component][i].value_or(probability);
    }
  }
  luma_mode = header.luma_mode_probabilities.value_or(luma_mode);
  chroma_mode = header.chroma_mode_probabilities.value_or(chroma_mode);
}

}  // namespace xc::vp8
