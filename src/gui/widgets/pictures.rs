//! Pictures on screen: crisp, at a whole zoom in physical pixels, uploaded once and only when they changed.

use eframe::egui::{self, Color32, ColorImage, Mesh, Pos2, Rect, Shape as Paint, TextureHandle, TextureOptions, Ui, Vec2, pos2, vec2};

use crate::spec::Shape;
use crate::train::Pictures;

/// Pictures in memory, whichever way their channels lie.
#[derive(Clone, Copy, Debug)]
pub struct Raster<'a> {
    shape: Shape,
    bytes: &'a [u8],
    /// Distances from one channel, row and column to the next.
    strides: [usize; 3],
}

impl<'a> Raster<'a> {
    /// `count x height x width x channels`.
    pub fn interleaved(pictures: &'a Pictures) -> Self {
        let shape = pictures.shape;
        Self { shape, bytes: &pictures.bytes, strides: [1, shape.width * shape.channels, shape.channels] }
    }

    /// `count x channels x height x width`.
    pub fn planar(shape: Shape, bytes: &'a [u8]) -> Self {
        Self { shape, bytes, strides: [shape.height * shape.width, shape.width, 1] }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.bytes.len() / self.shape.values().max(1)
    }

    /// Columns and rows of one.
    pub fn size(&self) -> [usize; 2] {
        [self.shape.width, self.shape.height]
    }

    fn pixel(&self, index: usize, row: usize, column: usize) -> Color32 {
        let [channel, line, step] = self.strides;
        let start = index * self.shape.values() + row * line + column * step;
        let value = |number: usize| self.bytes.get(start + number * channel).copied().unwrap_or(0);
        if self.shape.channels >= 3 { Color32::from_rgb(value(0), value(1), value(2)) } else { Color32::from_gray(value(0)) }
    }

    /// The mean of a square of `side` pixels, of which at most 3 x 3 are looked at: enough for a thumbnail, and bounded work.
    fn block(&self, index: usize, row: usize, column: usize, side: usize) -> Color32 {
        let stride = side.div_ceil(3);
        let (mut sum, mut count) = ([0_u32; 3], 0);
        for y in (row..(row + side).min(self.shape.height)).step_by(stride) {
            for x in (column..(column + side).min(self.shape.width)).step_by(stride) {
                let [r, g, b, _] = self.pixel(index, y, x).to_array();
                sum = [sum[0] + u32::from(r), sum[1] + u32::from(g), sum[2] + u32::from(b)];
                count += 1;
            }
        }
        let mean = |channel: usize| (sum[channel] / count.max(1)) as u8;
        Color32::from_rgb(mean(0), mean(1), mean(2))
    }

    /// The first `columns x rows` pictures without gaps between them, each `1 / shrink` of its size.
    fn sheet(&self, indices: &[usize], columns: usize, rows: usize, shrink: usize) -> ColorImage {
        let [width, height] = self.size().map(|side| side.div_ceil(shrink));
        let mut pixels = Vec::with_capacity(columns * width * rows * height);
        for line in 0..rows * height {
            for column in 0..columns {
                let index = indices.get(line / height * columns + column);
                let row = line % height;
                pixels.extend((0..width).map(|x| match index {
                    Some(&index) if shrink == 1 => self.pixel(index, row, x),
                    Some(&index) => self.block(index, row * shrink, x * shrink, shrink),
                    None => Color32::TRANSPARENT,
                }));
            }
        }
        ColorImage::new([columns * width, rows * height], pixels)
    }
}

/// How large a picture's pixel is on screen. Whole numbers both ways, so that every pixel is as large as its neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zoom {
    /// So many screen pixels for one of the picture's.
    In(usize),
    /// One screen pixel for so many of the picture's.
    Out(usize),
}

impl Zoom {
    /// From the smallest to the largest.
    fn all() -> impl Iterator<Item = Self> {
        (2..=64).rev().map(Zoom::Out).chain((1..=64).map(Zoom::In))
    }

    /// A length on screen, in physical pixels.
    pub fn of(self, length: usize) -> usize {
        match self {
            Self::In(factor) => length * factor,
            Self::Out(factor) => length.div_ceil(factor),
        }
    }

    fn factor(self) -> f32 {
        match self {
            Self::In(factor) => factor as f32,
            Self::Out(factor) => 1.0 / factor as f32,
        }
    }

    fn shrink(self) -> usize {
        match self {
            Self::In(_) => 1,
            Self::Out(factor) => factor,
        }
    }

    /// The largest at which a picture fits, all lengths in physical pixels.
    pub fn fitting(size: [usize; 2], room: Vec2) -> Self {
        Self::all().filter(|zoom| zoom.of(size[0]) as f32 <= room.x && zoom.of(size[1]) as f32 <= room.y).last().unwrap_or(Self::Out(64))
    }
}

/// How many pictures a grid shows, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tiling {
    /// Pictures side by side.
    pub columns: usize,
    /// Rows of pictures.
    pub rows: usize,
    /// How large.
    pub zoom: Zoom,
}

/// Between two pictures, in physical pixels.
const GAP: usize = 2;

impl Tiling {
    /// The best use of a room, in physical pixels, for up to `wanted` pictures of `size`: many of them, and each large. Only whole rows
    /// and whole zooms, so a few of the wanted may be left out.
    pub fn fit(room: Vec2, size: [usize; 2], wanted: usize) -> Self {
        let wanted = wanted.max(1);
        let mut best = (f32::NEG_INFINITY, Self { columns: 1, rows: 1, zoom: Zoom::fitting(size, room) });
        for zoom in Zoom::all() {
            let fits = |room: f32, length: usize| ((room + GAP as f32) / (zoom.of(length) + GAP) as f32).floor().max(0.0) as usize;
            let (columns, rows) = (fits(room.x, size[0]), fits(room.y, size[1]));
            if columns * rows == 0 {
                continue;
            }
            let rows = rows.min(wanted.div_ceil(columns));
            let columns = columns.min(wanted / rows);
            let tiling = Self { columns, rows, zoom };
            if tiling.worth() > best.0 {
                best = (tiling.worth(), tiling);
            }
        }
        best.1
    }

    /// By what one tiling of the same pictures is better than another. A picture twice as large counts for a little more than three:
    /// seeing many matters somewhat more than seeing them large.
    pub fn worth(&self) -> f32 {
        self.count() as f32 * self.zoom.factor().powf(1.75)
    }

    /// How many pictures there is room for.
    pub fn count(&self) -> usize {
        self.columns * self.rows
    }

    fn cell(&self, size: [usize; 2]) -> [usize; 2] {
        size.map(|side| self.zoom.of(side))
    }

    /// The whole grid, in physical pixels.
    fn extent(&self, size: [usize; 2]) -> Vec2 {
        let [width, height] = self.cell(size);
        vec2((self.columns * (width + GAP) - GAP) as f32, (self.rows * (height + GAP) - GAP) as f32)
    }
}

/// A texture that is allocated once for each size and written to afterwards.
#[derive(Default)]
pub struct Texture {
    handle: Option<TextureHandle>,
}

impl std::fmt::Debug for Texture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texture").field("size", &self.handle.as_ref().map(TextureHandle::size)).finish()
    }
}

impl Texture {
    /// Replaces its contents.
    pub fn set(&mut self, ctx: &egui::Context, image: ColorImage, options: TextureOptions) {
        match &mut self.handle {
            // A partial update of everything reuses the texture; a full one would make another.
            Some(handle) if handle.size() == image.size => handle.set_partial([0, 0], image, options),
            Some(handle) => handle.set(image, options),
            None => self.handle = Some(ctx.load_texture("pictures", image, options)),
        }
    }

    /// To paint with, once it was set.
    pub fn id(&self) -> Option<egui::TextureId> {
        self.handle.as_ref().map(TextureHandle::id)
    }
}

/// A grid of pictures and its texture.
#[derive(Debug, Default)]
pub struct PictureGrid {
    texture: Texture,
    /// What the texture shows: the revision of the pictures, and how.
    made: Option<(u64, Tiling)>,
}

/// Where a grid was drawn.
#[derive(Clone, Copy, Debug)]
pub struct Drawn {
    /// The whole grid.
    pub rect: Rect,
    tiling: Tiling,
    cell: Vec2,
    gap: f32,
    count: usize,
}

impl Drawn {
    /// Pictures side by side.
    pub fn columns(&self) -> usize {
        self.tiling.columns
    }

    /// Pictures drawn.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Where one picture is.
    pub fn cell(&self, index: usize) -> Rect {
        let (column, row) = (index % self.tiling.columns, index / self.tiling.columns);
        let corner = vec2(column as f32 * (self.cell.x + self.gap), row as f32 * (self.cell.y + self.gap));
        Rect::from_min_size(self.rect.min + corner, self.cell)
    }

    /// The picture at a position.
    pub fn at(&self, position: Pos2) -> Option<usize> {
        let from = position - self.rect.min;
        if from.x < 0.0 || from.y < 0.0 {
            return None;
        }
        let (column, row) = ((from.x / (self.cell.x + self.gap)) as usize, (from.y / (self.cell.y + self.gap)) as usize);
        let index = row * self.tiling.columns + column;
        (column < self.tiling.columns && index < self.count && self.cell(index).contains(position)).then_some(index)
    }
}

impl PictureGrid {
    /// Draws pictures in the middle of `rect`. `revision` says which pictures: as long as it stays, nothing is uploaded again.
    pub fn paint(&mut self, ui: &Ui, rect: Rect, raster: Raster<'_>, revision: u64, tiling: Tiling) -> Drawn {
        let indices: Vec<usize> = (0..raster.count().min(tiling.count())).collect();
        self.paint_chosen(ui, rect, raster, &indices, revision, tiling)
    }

    /// The same for chosen pictures.
    pub fn paint_chosen(&mut self, ui: &Ui, rect: Rect, raster: Raster<'_>, chosen: &[usize], revision: u64, tiling: Tiling) -> Drawn {
        let chosen = &chosen[..chosen.len().min(tiling.count())];
        if self.made != Some((revision, tiling)) {
            let sheet = raster.sheet(chosen, tiling.columns, tiling.rows, tiling.zoom.shrink());
            self.texture.set(ui.ctx(), sheet, TextureOptions::NEAREST);
            self.made = Some((revision, tiling));
        }
        let scale = ui.pixels_per_point();
        let size = raster.size();
        let extent = tiling.extent(size) / scale;
        let corner = on_pixel(rect.center() - extent / 2.0, scale);
        let cell = Vec2::from(tiling.cell(size).map(|side| side as f32)) / scale;
        let drawn = Drawn { rect: Rect::from_min_size(corner, extent), tiling, cell, gap: GAP as f32 / scale, count: chosen.len() };
        if let Some(texture) = self.texture.id() {
            ui.painter().add(Paint::mesh(grid_mesh(texture, &drawn)));
        }
        drawn
    }
}

fn grid_mesh(texture: egui::TextureId, drawn: &Drawn) -> Mesh {
    let mut mesh = Mesh::with_texture(texture);
    let (across, down) = (1.0 / drawn.tiling.columns as f32, 1.0 / drawn.tiling.rows as f32);
    for index in 0..drawn.count {
        let (column, row) = ((index % drawn.tiling.columns) as f32, (index / drawn.tiling.columns) as f32);
        let part = Rect::from_min_size(pos2(column * across, row * down), vec2(across, down));
        mesh.add_rect_with_uv(drawn.cell(index), part, Color32::WHITE);
    }
    mesh
}

/// One picture and its texture, as large as it fits.
#[derive(Debug, Default)]
pub struct SinglePicture {
    texture: Texture,
    made: Option<(u64, usize, usize)>,
}

impl SinglePicture {
    /// Draws picture `index` in the middle of `rect` and returns where it is. Pictures larger than the room are made smaller.
    pub fn paint(&mut self, ui: &Ui, rect: Rect, raster: Raster<'_>, index: usize, revision: u64) -> Rect {
        let scale = ui.pixels_per_point();
        let zoom = Zoom::fitting(raster.size(), rect.size() * scale);
        if self.made != Some((revision, index, zoom.shrink())) {
            self.texture.set(ui.ctx(), raster.sheet(&[index], 1, 1, zoom.shrink()), TextureOptions::NEAREST);
            self.made = Some((revision, index, zoom.shrink()));
        }
        let extent = Vec2::from(raster.size().map(|side| zoom.of(side) as f32)) / scale;
        let place = Rect::from_min_size(on_pixel(rect.center() - extent / 2.0, scale), extent);
        if let Some(texture) = self.texture.id() {
            ui.painter().image(texture, place, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE);
        }
        place
    }
}

/// The nearest corner of a physical pixel.
fn on_pixel(position: Pos2, scale: f32) -> Pos2 {
    ((position.to_vec2() * scale).round() / scale).to_pos2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_that_holds_eight_by_eight_at_a_whole_zoom_shows_just_that() {
        let tiling = Tiling::fit(vec2(8.0 * 58.0, 8.0 * 58.0), [28, 28], 64);
        assert_eq!(tiling, Tiling { columns: 8, rows: 8, zoom: Zoom::In(2) });
    }

    #[test]
    fn every_tiling_fits_its_room_and_shows_no_more_than_wanted() {
        for width in (40..2_000).step_by(97) {
            for height in (40..1_200).step_by(83) {
                for (size, wanted) in [([28, 28], 64), ([32, 32], 16), ([64, 48], 100), ([1, 1], 64), ([1_024, 1_024], 64)] {
                    let room = vec2(width as f32, height as f32);
                    let tiling = Tiling::fit(room, size, wanted);
                    assert!(tiling.count() <= wanted && tiling.count() > 0);
                    let extent = tiling.extent(size);
                    assert!(extent.x <= room.x && extent.y <= room.y, "{tiling:?} in {room:?}");
                }
            }
        }
    }

    #[test]
    fn a_grid_uses_a_good_part_of_a_common_room() {
        // The middle of a window of 1280 x 800 and of 2560 x 1440, alone and side by side.
        for room in [vec2(640.0, 400.0), vec2(316.0, 400.0), vec2(1_900.0, 860.0), vec2(940.0, 860.0)] {
            let tiling = Tiling::fit(room, [28, 28], 64);
            let covered = tiling.count() * tiling.zoom.of(28).pow(2);
            let share = covered as f32 / (room.x * room.y);
            assert!(share > 0.55, "{tiling:?} covers {share} of {room:?}");
            assert!(tiling.count() >= 28, "{tiling:?} in {room:?}");
        }
    }

    #[test]
    fn both_ways_to_keep_channels_show_the_same_picture() {
        let shape = Shape::new(3, 2, 2);
        // Two pictures; channel c of pixel p of picture n is 100 n + 10 p + c.
        let interleaved: Vec<u8> = (0..2).flat_map(|n| (0..4).flat_map(move |p| (0..3).map(move |c| 100 * n + 10 * p + c))).collect();
        let planar: Vec<u8> = (0..2).flat_map(|n| (0..3).flat_map(move |c| (0..4).map(move |p| 100 * n + 10 * p + c))).collect();
        let pictures = Pictures { shape, bytes: interleaved };
        let a = Raster::interleaved(&pictures).sheet(&[1, 0], 2, 1, 1);
        let b = Raster::planar(shape, &planar).sheet(&[1, 0], 2, 1, 1);
        assert_eq!(a.size, [4, 2]);
        assert_eq!(a.pixels, b.pixels);
        assert_eq!(a.pixels[0], Color32::from_rgb(100, 101, 102));
        assert_eq!(a.pixels[6], Color32::from_rgb(20, 21, 22), "the third pixel of picture 0 is in the second line");
    }

    #[test]
    fn a_smaller_picture_has_the_means_of_its_squares() {
        let bytes: Vec<u8> = vec![0, 100, 10, 20, 200, 100, 30, 40];
        let image = Raster::planar(Shape::new(1, 2, 4), &bytes).sheet(&[0], 1, 1, 2);
        assert_eq!(image.size, [2, 1]);
        assert_eq!(image.pixels, [Color32::from_gray(100), Color32::from_gray(25)]);
    }

    #[test]
    fn a_large_picture_makes_no_larger_texture_than_its_room() {
        let tiling = Tiling::fit(vec2(900.0, 900.0), [1_024, 1_024], 64);
        let [width, height] = tiling.cell([1_024, 1_024]);
        assert!(tiling.columns * width <= 900 && tiling.rows * height <= 900);
    }

    #[test]
    fn the_picture_under_the_pointer_is_found_and_gaps_are_none() {
        let tiling = Tiling { columns: 3, rows: 2, zoom: Zoom::In(1) };
        let rect = Rect::from_min_size(pos2(100.0, 50.0), vec2(34.0, 22.0));
        let drawn = Drawn { rect, tiling, cell: vec2(10.0, 10.0), gap: 2.0, count: 5 };
        assert_eq!(drawn.at(pos2(105.0, 55.0)), Some(0));
        assert_eq!(drawn.at(pos2(125.0, 51.0)), Some(2));
        assert_eq!(drawn.at(pos2(115.0, 65.0)), Some(4));
        assert_eq!(drawn.at(pos2(111.0, 55.0)), None, "a gap");
        assert_eq!(drawn.at(pos2(127.0, 65.0)), None, "there is no sixth picture");
        assert_eq!(drawn.at(pos2(99.0, 55.0)), None);
    }
}
