using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Tests.Definitions;
using DropoutLab.Verification;

namespace DropoutLab.Tests.Verification;

/// <summary>
/// All claims hold where the engine is as it should be; <see cref="FaultTests"/> shows that they fail where it is not.
/// </summary>
public sealed class ClaimVerifierTests
{
    public static TheoryData<string, string, string> Subjects => new()
    {
        { "dense", "per-datum", "all" },
        { "dense", "pair", "fc1,fc3" },
        { "dense", "per-minibatch", "fc1,fc3" },
        { "convolutional", "per-datum", "all" },
        { "convolutional", "per-datum", "conv1,conv3" },
        { "convolutional", "per-minibatch", "all" },
        { "wide", "per-datum", "all" },
    };

    [Theory, MemberData(nameof(Subjects))]
    public void AllHoldOnTheReferenceIn64Bits(string network, string sharing, string sites)
    {
        using Backend backend = TestBackends.Reference();
        AssertAllHold(Subject(network, sharing, sites, backend, Precision.Float64));
    }

    [Theory, MemberData(nameof(Subjects))]
    public void AllHoldOnTheReferenceIn32Bits(string network, string sharing, string sites)
    {
        using Backend backend = TestBackends.Reference();
        AssertAllHold(Subject(network, sharing, sites, backend, Precision.Float32));
    }

    [Theory, MemberData(nameof(Subjects))]
    public void AllHoldOnOneDnn(string network, string sharing, string sites)
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        AssertAllHold(Subject(network, sharing, sites, backend, Precision.Float32));
        AssertAllHold(Subject(network, sharing, sites, backend, Precision.BFloat16));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("forward:0.9")]
    [InlineData("augmented:0.3/0.0001")]
    [InlineData("standard:0")]
    public void AllHoldUnderOneRule(string rule)
    {
        using Backend backend = TestBackends.Reference();
        AssertAllHold(
            Subject("dense", "per-datum", "all", backend, Precision.Float64) with
            {
                Rules = [DropoutRule.Parse(rule)],
                BatchSize = 2,
            });
    }

    [Fact]
    public void AllHoldWithOtherSeedsAndLargerBatches()
    {
        using Backend backend = TestBackends.Reference();
        foreach (ulong seed in (ulong[])[0, 17, ulong.MaxValue])
            AssertAllHold(
                Subject("convolutional", "per-datum", "all", backend, Precision.Float32) with { Seed = seed, BatchSize = 13 });
    }

    [Fact]
    public void ASiteThatTheNetworkDoesNotHaveIsNamed()
    {
        using Backend backend = TestBackends.Reference();
        VerificationSubject subject = Subject("dense", "per-datum", "fc9", backend, Precision.Float32);

        Assert.Contains("fc9", Assert.Throws<DropoutLabException>(
            () => ClaimVerifier.Check(subject, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AStopIsHeardBetweenClaims()
    {
        using Backend backend = TestBackends.Reference();
        VerificationSubject subject = Subject("dense", "per-datum", "all", backend, Precision.Float32);

        Assert.Throws<OperationCanceledException>(() => ClaimVerifier.Check(subject, new CancellationToken(canceled: true)));
    }

    /// <summary>Every claim holds, or is skipped for want of oneDNN and nothing else.</summary>
    private static void AssertAllHold(VerificationSubject subject)
    {
        IReadOnlyList<ClaimResult> results = ClaimVerifier.Check(subject, TestContext.Current.CancellationToken);

        // A pair's data share a mask, and pairs have masks of their own: both are claimed.
        Assert.Equal(subject.Sharing == MaskSharing.Pair ? 19 : 18, results.Count);
        Assert.Equal(results.Count, results.Select(result => result.Claim).Distinct().Count());
        bool oneDnn = OneDnnBackend.TryCreate(1, out OneDnnBackend? found, out _);
        found?.Dispose();
        Assert.All(results, result => Assert.True(
            result.Outcome == ClaimOutcome.Holds || (!oneDnn && result.Outcome == ClaimOutcome.Skipped
                && result.Claim.StartsWith("backends", StringComparison.Ordinal)),
            $"{result}"));
    }

    private static VerificationSubject Subject(
        string network, string sharing, string sites, Backend backend, Precision precision) =>
        new(SmallNetworks.ByName(network), backend, precision)
        {
            Sharing = MaskSharing.Parse(sharing),
            Sites = SiteSelection.Parse(sites),
        };
}
