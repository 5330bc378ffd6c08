//! A few letters and all digits of three by five dots, to be read on small pictures.

use image::{Rgb, RgbImage};

/// Dots of a letter, and of the gap behind it.
const WIDTH: u32 = 3;
const HEIGHT: u32 = 5;
const GAP: u32 = 1;

/// The rows of a letter from the top, three dots each, the left one worth four; nothing where it is not known.
const fn rows(letter: char) -> Option<[u8; 5]> {
    Some(match letter {
        '0' => [7, 5, 5, 5, 7],
        '1' => [2, 6, 2, 2, 7],
        '2' => [7, 1, 7, 4, 7],
        '3' => [7, 1, 7, 1, 7],
        '4' => [5, 5, 7, 1, 1],
        '5' => [7, 4, 7, 1, 7],
        '6' => [7, 4, 7, 5, 7],
        '7' => [7, 1, 2, 2, 2],
        '8' => [7, 5, 7, 5, 7],
        '9' => [7, 5, 7, 1, 7],
        's' => [0, 3, 4, 1, 6],
        't' => [2, 7, 2, 2, 3],
        'e' => [0, 6, 7, 4, 3],
        'p' => [0, 6, 5, 6, 4],
        ' ' => [0; 5],
        _ => return None,
    })
}

/// Pixels that a text takes, each dot being `zoom` pixels wide: width and height.
pub fn size(text: &str, zoom: u32) -> [u32; 2] {
    let letters = text.chars().filter(|letter| rows(*letter).is_some()).count() as u32;
    [(letters * (WIDTH + GAP)).saturating_sub(GAP) * zoom, HEIGHT * zoom]
}

/// Draws a text with its upper left corner at `[x, y]`. Letters that are not known are left out, and so is what lies outside.
pub fn draw(canvas: &mut RgbImage, text: &str, [x, y]: [u32; 2], zoom: u32, colour: Rgb<u8>) {
    for (place, rows) in text.chars().filter_map(rows).enumerate() {
        let left = x + place as u32 * (WIDTH + GAP) * zoom;
        for pixel in 0..WIDTH * HEIGHT * zoom * zoom {
            let (column, row) = (pixel % (WIDTH * zoom), pixel / (WIDTH * zoom));
            let is_ink = rows[(row / zoom) as usize] & (4 >> (column / zoom)) != 0;
            if let Some(pixel) = canvas.get_pixel_mut_checked(left + column, y + row).filter(|_| is_ink) {
                *pixel = colour;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seven_looks_like_a_seven() {
        let mut canvas = RgbImage::new(8, 6);
        draw(&mut canvas, ",7", [1, 1], 1, Rgb([255; 3]));
        let rows: Vec<String> = canvas.rows().map(|row| row.map(|pixel| if pixel.0[0] > 0 { '#' } else { '.' }).collect()).collect();
        assert_eq!(rows, ["........", ".###....", "...#....", "..#.....", "..#.....", "..#....."]);
        assert_eq!(size("step 10", 2), [54, 10]);
    }

    #[test]
    fn no_two_digits_look_alike() {
        let digits: std::collections::BTreeSet<_> = ('0'..='9').map(|digit| rows(digit).unwrap()).collect();
        assert_eq!(digits.len(), 10);
    }
}
