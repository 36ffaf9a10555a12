# SPDX-License-Identifier: MIT
"""Counts the checks of a test, and reports those that fail."""
import sys


class Counter:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, is_right, text):
        """Counts a check. Prints the text if it fails. Returns whether it passed."""
        if is_right:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED", text)
        return bool(is_right)

    def finish(self):
        """Prints the counts, and ends the program. A test without checks fails."""
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(0 if self.failed == 0 and self.passed else 1)
