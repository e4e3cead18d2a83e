# SPDX-License-Identifier: BSD-2-Clause
"""MS-CHAPv2 (RFC 2759 §8) from RFC 1320 and FIPS 46-3, in plain python: slow, and nobody else's."""
import hashlib
import struct


def md4(data):
    a, b, c, d = 0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476
    n = len(data)
    data += b"\x80" + bytes(-(n + 9) % 64) + struct.pack("<Q", 8 * n)

    def rol(x, s):
        x &= 0xFFFFFFFF
        return (x << s | x >> (32 - s)) & 0xFFFFFFFF
    rounds = [
        (range(16), (3, 7, 11, 19), 0, lambda x, y, z: x & y | ~x & z),
        ((0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), (3, 5, 9, 13), 0x5A827999,
         lambda x, y, z: x & y | x & z | y & z),
        ((0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15), 0x6ED9EBA1, lambda x, y, z: x ^ y ^ z)]
    for at in range(0, len(data), 64):
        x = struct.unpack("<16I", data[at:at + 64])
        s = [a, b, c, d]
        for order, shifts, k, f in rounds:
            for i, j in enumerate(order):
                s = [s[3], rol(s[0] + f(s[1], s[2], s[3]) + x[j] + k, shifts[i % 4]), s[1], s[2]]
        a, b, c, d = ((p + q) & 0xFFFFFFFF for p, q in zip((a, b, c, d), s))
    return struct.pack("<4I", a, b, c, d)


IP = [i + 8 * j for i in (58, 60, 62, 64, 57, 59, 61, 63) for j in range(0, -8, -1)]
FP = [i - j for j in range(8) for i in (40, 8, 48, 16, 56, 24, 64, 32)]
E = [(4 * i + j - 1) % 32 + 1 for i in range(8) for j in range(6)]
PBOX = [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22,
    11, 4, 25]
PC1 = [57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
       63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4]
PC2 = [14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
       41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32]
SBOX = [[int(c, 16) for c in s] for s in (
    "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d",
    "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9",
    "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c",
    "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e",
    "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453",
    "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d",
    "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c",
    "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b")]


def _bits(data):
    return [byte >> i & 1 for byte in data for i in range(7, -1, -1)]


def des(key7, block):
    """One block, the key in 7 octets as RFC 2759 §8.6 has it."""
    k56 = _bits(key7)
    k64 = [bit for i in range(8) for bit in (*k56[7 * i:7 * i + 7], 0)]
    c, d = [k64[i - 1] for i in PC1[:28]], [k64[i - 1] for i in PC1[28:]]
    bits = _bits(block)
    left, right = [bits[i - 1] for i in IP[:32]], [bits[i - 1] for i in IP[32:]]
    for r in range(16):
        n = 1 if r in (0, 1, 8, 15) else 2
        c, d = c[n:] + c[:n], d[n:] + d[:n]
        x = [right[i - 1] ^ (c + d)[k - 1] for i, k in zip(E, PC2)]
        f = []
        for s in range(8):
            b = x[6 * s:6 * s + 6]
            v = SBOX[s][32 * b[0] + 16 * b[5] + 8 * b[1] + 4 * b[2] + 2 * b[3] + b[4]]
            f += [v >> 3 & 1, v >> 2 & 1, v >> 1 & 1, v & 1]
        left, right = right, [p ^ f[i - 1] for p, i in zip(left, PBOX)]
    out = [(right + left)[i - 1] for i in FP]
    return bytes(sum(bit << (7 - i) for i, bit in enumerate(out[8 * n:8 * n + 8])) for n in range(8))


def nt_response(password, user, theirs, ours):
    """§8.1: 24 octets."""
    challenge = hashlib.sha1(ours + theirs + user.encode()).digest()[:8]
    key = md4(password.encode("utf-16-le")) + bytes(5)
    return b"".join(des(key[i:i + 7], challenge) for i in (0, 7, 14))


def authenticator_response(password, user, theirs, ours, response):
    """§8.7: what only a server that knows the password can say."""
    hash_hash = md4(md4(password.encode("utf-16-le")))
    digest = hashlib.sha1(hash_hash + response + b"Magic server to client signing constant").digest()
    challenge = hashlib.sha1(ours + theirs + user.encode()).digest()[:8]
    digest = hashlib.sha1(digest + challenge + b"Pad to make it do more than one iteration").digest()
    return "S=" + digest.hex().upper()
