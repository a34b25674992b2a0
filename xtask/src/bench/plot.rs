//! The plot of a result: operations per second, now and before, as bars.

use serde_json::Value;

use super::rows;

const WIDTH: f64 = 720.0;
const LABEL_WIDTH: f64 = 110.0;
const BAR_WIDTH_MAX: f64 = 440.0;
const BAR_HEIGHT: f64 = 18.0;
const GROUP_HEIGHT: f64 = 60.0;

/// An SVG 1.1 document. Every benchmark has its own scale, because they count different things.
pub fn svg(result: &Value, before: Option<&Value>) -> String {
    let bars: Vec<_> = rows(result, before).into_iter().filter(|(_, name, ..)| *name == "per_second").collect();
    let count = u32::try_from(bars.len()).unwrap_or(u32::MAX);
    let height = 50.0 + GROUP_HEIGHT * f64::from(count);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"10\" y=\"24\" font-size=\"15\">operations per second, {}</text>\n",
        escape(result["name"].as_str().unwrap_or_default())
    );
    let old = before.and_then(|before| before["name"].as_str()).unwrap_or_default();
    let mut top = 44.0;
    for (bench, _, now, then) in bars {
        let scale = BAR_WIDTH_MAX / now.max(then.unwrap_or(0.0)).max(f64::MIN_POSITIVE);
        text.push_str(&format!("<text x=\"10\" y=\"{}\">{}</text>\n", top + 14.0, escape(bench)));
        text.push_str(&bar(top, now, scale, "#1f6f8b", ""));
        if let Some(then) = then {
            text.push_str(&bar(top + BAR_HEIGHT + 4.0, then, scale, "#b8c4ca", old));
        }
        top += GROUP_HEIGHT;
    }
    text.push_str("</svg>\n");
    text
}

fn bar(top: f64, value: f64, scale: f64, colour: &str, note: &str) -> String {
    let width = value * scale;
    format!(
        "<rect x=\"{LABEL_WIDTH}\" y=\"{top}\" width=\"{width:.1}\" height=\"{BAR_HEIGHT}\" fill=\"{colour}\"/>\n\
         <text x=\"{:.1}\" y=\"{}\">{value:.0} {}</text>\n",
        LABEL_WIDTH + width + 6.0,
        top + 14.0,
        escape(note)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        let result = |name: &str, value: f64| serde_json::json!({"name": name, "benches": {"a<b": {"per_second": value, "p99_us": 3.0}}});
        let text = svg(&result("now", 100.0), Some(&result("then", 50.0)));
        assert!(text.contains("width=\"440.0\"") && text.contains("width=\"220.0\""), "{text}");
        assert!(text.contains("a&lt;b") && text.contains("50 then"), "{text}");
        assert_eq!(text.matches("<rect").count(), 3);
        assert_eq!(svg(&result("now", 100.0), None).matches("<rect").count(), 2);
    }
}
