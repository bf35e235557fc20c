#pragma once
// Measures of one region, for the symbolic rules (paper III-F). All lengths in pixels of the image.
#include <array>
#include <memory>
#include <optional>
#include <span>

#include "anomalyvlm/detection.h"

namespace anomalyvlm {

// What the measures of all regions of one object share. Keeps references to both arguments. Safe to use from
// several threads.
class MeasureScene {
 public:
  MeasureScene(const Image& image, const InspectedObject& object);
  ~MeasureScene();

  const Image& image() const { return image_; }
  const InspectedObject& object() const { return object_; }
  double object_area() const { return object_area_; }
  double image_area() const { return static_cast<double>(image_.width) * image_.height; }
  // Distance of a region to the outer edge of the object (holes of the object's mask are filled; the border
  // of the image is an edge too): the smallest number of pixels in between, 0 where it touches or crosses.
  double edge_distance(const Region& region) const;

 private:
  struct EdgeMap;
  const Image& image_;
  const InspectedObject& object_;
  double object_area_;
  std::unique_ptr<EdgeMap> edges_;  // made by the first edge_distance()
};

// Measures one region; each on the first call, and then kept. For one thread.
class RegionMeasures {
 public:
  // What is inside the region counts. Keeps references to region and scene.
  RegionMeasures(const Region& region, double confidence, const MeasureScene& scene);

  double area() const { return area_; }
  double confidence() const { return confidence_; }
  // Sides of the smallest rectangle, at any angle, around the region's pixels; one pixel measures 1 x 1.
  double length() const { return sides()[0]; }
  double width() const { return sides()[1]; }
  double aspect_ratio() const;  // length / width
  double elongation() const;    // 1 - width / length
  // 4 pi area / perimeter^2 of the region with its holes filled, at most 1. The perimeter is Cauchy-Crofton's
  // over four directions: right for discs, 5 % short for upright rectangles.
  double circularity() const;
  // Against the surroundings: a ring around the region, one pixel off it and a quarter of sqrt(area) wide (3
  // to 32 pixels), inside the object where it has a part there. 0 without surroundings.
  double brightness() const;          // difference of the mean brightness (Rec. 601 luma), -1..1
  double color_difference() const;    // Euclidean distance of the mean RGB colours, 0..1 from black to white
  std::optional<double> hue() const;  // degrees of the mean colour; none for grey (chroma below 0.02)
  double edge_distance() const;
  // Share of the region inside a polygon (corners in pixels of the image, even-odd rule, pixel centres
  // count), 0..1.
  double share_inside(std::span<const std::array<double, 2>> polygon) const;
  double share_inside_object() const;

  const MeasureScene& scene() const { return scene_; }

 private:
  const std::array<double, 2>& sides() const;
  struct Colors {
    std::array<double, 3> inside, around;  // mean RGB 0..1
    bool has_surroundings;
  };
  const Colors& colors() const;

  const Region& region_;
  PixelRect bounds_;  // of what is inside
  double area_, confidence_;
  const MeasureScene& scene_;
  mutable std::optional<std::array<double, 2>> sides_;
  mutable std::optional<Colors> colors_;
  mutable std::optional<double> circularity_, edge_distance_;
};

}  // namespace anomalyvlm
