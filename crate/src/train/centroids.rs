//! The nearest-centroid classifier as a linear head (Tibshirani et al. 2002, without shrinking; linear by Snell et al.
//! 2017, section 2.4).

/// The head's weight, `[hidden, labels]`, and bias, `[labels]`, from the pooled states of labelled rows.
///
/// The logit of a label is (x · c - |c|² / 2) · 2 / s. Its centroid c is the mean of its rows; s is the mean squared
/// distance of a row to its label's centroid. So the softmax falls with the squared distance to c. The bias of a label
/// without rows is so low that the label is never predicted.
///
/// # Shapes
/// - pooled: `[rows, hidden]`, row-major
/// - targets: `[rows]`, each below `labels`
pub fn centroid_head(pooled: &[f32], targets: &[u32], labels: usize) -> (Vec<f32>, Vec<f32>) {
    let hidden = pooled.len() / targets.len().max(1);
    let mut counts = vec![0.0f64; labels];
    let mut centroids = vec![0.0f64; labels * hidden];
    let rows = || {
        pooled
            .chunks_exact(hidden)
            .zip(targets.iter().map(|&target| target as usize))
    };
    for (row, target) in rows() {
        counts[target] += 1.0;
        let sums = &mut centroids[target * hidden..][..hidden];
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    for (centroid, count) in centroids.chunks_exact_mut(hidden).zip(&counts) {
        centroid.iter_mut().for_each(|x| *x /= count.max(1.0));
    }
    let distance = |row: &[f32], target: usize| -> f64 {
        let centroid = &centroids[target * hidden..][..hidden];
        row.iter().zip(centroid).map(|(x, c)| (f64::from(*x) - c).powi(2)).sum()
    };
    let within: f64 = rows().map(|(row, target)| distance(row, target)).sum();
    // With one row a label all of these distances are 0; then the distances to all centroids give the scale.
    let between = || rows().flat_map(|(row, _)| (0..labels).map(move |label| (row, label)));
    let spread = match within > 0.0 {
        true => within,
        false => between().map(|(row, label)| distance(row, label)).sum::<f64>() / labels as f64,
    };
    let scale = 2.0 * targets.len() as f64 / if spread > 0.0 { spread } else { 1.0 };
    let mut weight = vec![0.0; hidden * labels];
    let mut bias = vec![0.0; labels];
    let mut least = 0.0f64;
    for (label, centroid) in centroids.chunks_exact(hidden).enumerate() {
        for (place, c) in centroid.iter().enumerate() {
            weight[place * labels + label] = (scale * c) as f32;
        }
        let square: f64 = centroid.iter().map(|c| c * c).sum();
        bias[label] = (-0.5 * scale * square) as f32;
        least = least.max(scale * square);
    }
    for (bias, count) in bias.iter_mut().zip(&counts) {
        if *count == 0.0 {
            *bias = (-10.0 * least - 100.0) as f32;
        }
    }
    (weight, bias)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_centroid_wins() {
        let pooled = [1.0, 0.0, 3.0, 0.0, 0.0, 4.0];
        let (weight, bias) = centroid_head(&pooled, &[0, 0, 2], 3);
        // Centroids (2, 0) and (0, 4); label 1 has no rows. Squared distances within: 1, 1, 0.
        let logits = |x: [f32; 2]| -> Vec<f32> {
            (0..3)
                .map(|label| x[0] * weight[label] + x[1] * weight[3 + label] + bias[label])
                .collect()
        };
        let squared = |x: [f32; 2], c: [f32; 2]| (x[0] - c[0]).powi(2) + (x[1] - c[1]).powi(2);
        for x in [[1.5, 0.5], [0.0, 2.0], [-3.0, 1.0], [9.0, 9.0]] {
            let found = logits(x);
            let expected = (squared(x, [0.0, 4.0]) - squared(x, [2.0, 0.0])) / (2.0 / 3.0);
            assert!(
                (found[0] - found[2] - expected).abs() < 1e-3 * expected.abs().max(1.0),
                "{found:?}"
            );
            assert!(found[1] < found[0].min(found[2]), "{found:?}");
        }
    }

    #[test]
    fn one_row_a_label_is_enough() {
        let (weight, bias) = centroid_head(&[1.0, 0.0, 0.0, 1.0], &[0, 1], 2);
        assert!(weight.iter().chain(&bias).all(|x| x.is_finite()));
        assert!(weight[0] > weight[1]);
    }
}
