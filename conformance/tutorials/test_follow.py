"""Whoever follows tutorials notices when they are wrong."""

import pathlib
import tempfile
import unittest

from follow import Differs, fits, follow, pages

FINE = """# A page

<!-- followed by conformance/tutorials -->

```sh
echo one
echo two >&2
```

```text
o…
two
```

`greeting.txt`:

```js
hello
```

<!-- another terminal, until: up -->
```sh
echo starting; echo up; sleep 1000
```

```text
…
up
```

<!-- not run: it would fail -->
```sh
false
```

```sh
cat greeting.txt
```

```text
hello
```
"""


class Following(unittest.TestCase):
    """What is followed, and what is noticed."""

    def follow(self, text):
        """Follows a page in a folder of its own."""
        with tempfile.TemporaryDirectory() as folder:
            return follow(text, pathlib.Path(folder))

    def test_a_page_that_is_right_is_followed(self):
        self.assertEqual(self.follow(FINE), 3)

    def test_what_is_wrong_is_noticed(self):
        for right, wrong in [
            ("echo one\n", "false\necho one\n"),
            ("o…\ntwo", "o…\nthree"),
            ("o…\ntwo", "o…"),
            ("```js\nhello", "```js\nhallo"),
            ("`greeting.txt`:", "`other.txt`:"),
            ("`greeting.txt`:", "A file:"),
            ("echo up;", "exit;"),
            ("<!-- not run: it would fail -->\n", ""),
        ]:
            with self.subTest(wrong=wrong):
                self.assertIn(right, FINE)
                with self.assertRaises(Differs):
                    self.follow(FINE.replace(right, wrong))

    def test_dots_stand_for_what_differs_each_time(self):
        for shown, printed, expected in [
            ("a … c", "a b c", True),
            ("a … c", "a b\nc", False),
            ("…\nlast", "first\nsecond\nlast", True),
            ("…\nlast", "last", True),
            ("first\n…", "first\nlast", True),
            ("a.c", "abc", False),
            ("a", "a\n", True),
            ("a", "a\nb", False),
        ]:
            self.assertEqual(fits(shown, printed), expected, (shown, printed))

    def test_the_book_has_pages_to_follow(self):
        self.assertIn("accept-a-payment.md", [page.name for page in pages()])


if __name__ == "__main__":
    unittest.main()
