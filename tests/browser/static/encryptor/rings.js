// @ts-check
// The product's table of rings with the insecure one of the test suite; only tests/settings.py serves this file.

export const RINGS = [
  {
    name: "N14_L9",
    ringDegree: 16384,
    primeBits: [54, 36, 36, 36, 36, 36, 36, 36, 36, 36, 60],
    scaleBits: 36,
    secure: true,
  },
  {
    name: "INSECURE_TEST_N12_L9",
    ringDegree: 4096,
    primeBits: [54, 36, 36, 36, 36, 36, 36, 36, 36, 36, 60],
    scaleBits: 36,
    secure: false,
  },
];
