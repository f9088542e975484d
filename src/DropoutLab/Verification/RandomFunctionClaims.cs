using System.Numerics;
using System.Runtime.Intrinsics;
using DropoutLab.Dropout;
using DropoutLab.Random;

namespace DropoutLab.Verification;

/// <summary>
/// The random function is the one that its authors published, and its masks drop as often as they are asked to.
/// </summary>
internal static class RandomFunctionClaims
{
    private const int Rows = 64;
    private const int FeaturesPerRow = 1 << 16;

    private static readonly double[] Ratios = [0.5, 0.1, 0.005, 0.0001];

    /// <summary>Source: the known answers that Salmon and others give with Random123.</summary>
    private static readonly (ulong Key, Vector128<uint> Counter, Vector128<uint> Words)[] KnownAnswers =
    [
        (0, Vector128<uint>.Zero, Vector128.Create(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)),
        (ulong.MaxValue, Vector128<uint>.AllBitsSet, Vector128.Create(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)),
        (
            0x299f31d0_a4093822, Vector128.Create(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344),
            Vector128.Create(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1)),
    ];

    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps) =>
        Check(steps, Philox4x32.Block, (stream, rows, features) => MaskBits.Draw(stream, rows, features));

    /// <summary>Checks a random function, and what draws a mask of so many rows and features.</summary>
    internal static IEnumerable<ClaimResult> Check(
        VerifiedSteps steps, Func<ulong, Vector128<uint>, Vector128<uint>> block, Func<MaskStream, int, int, MaskBits> draw) =>
        [Answers(block), Frequencies(steps.Subject.Seed, draw)];

    private static ClaimResult Answers(Func<ulong, Vector128<uint>, Vector128<uint>> block)
    {
        Measurement wrong = new(
            "known answers of the random function", "another function's masks are nobody else's", DeviationUnit.Elements, 0);
        foreach ((ulong key, Vector128<uint> counter, Vector128<uint> words) in KnownAnswers)
        {
            Vector128<uint> found = block(key, counter);
            wrong.Add(Vector128<uint>.Count - BitOperations.PopCount(Vector128.Equals(found, words).ExtractMostSignificantBits()),
                $"key {key:x16}");
        }

        return wrong.Result;
    }

    private static ClaimResult Frequencies(ulong seed, Func<MaskStream, int, int, MaskBits> draw)
    {
        Measurement worst = new(
            "masks drop as often as asked", "else 1/(1 − p) does not keep the mean", DeviationUnit.StandardErrors,
            Deviations.StatisticalBound);
        foreach (double ratio in Ratios)
        {
            MaskBits mask = draw(new MaskStream(seed, layer: 0, which: 0, step: 0, ratio), Rows, FeaturesPerRow);
            long kept = 0;
            foreach (ulong word in mask.Words)
                kept += BitOperations.PopCount(word);
            const long Draws = (long)Rows * FeaturesPerRow;
            worst.Add(Deviations.StandardErrors(Draws - kept, Draws, ratio), $"ratio {ratio}");
        }

        return worst.Result;
    }
}
