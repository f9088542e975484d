namespace DropoutLab.Verification;

/// <summary>
/// Checks, on the machine that it runs on, what DropoutLab claims: that its random function is the published one, that a step's
/// masks and arrays are those of the definitions, and that nothing depends on backend, threads, or how a batch is cut.
/// </summary>
public static class ClaimVerifier
{
    private static readonly Func<VerifiedSteps, IEnumerable<ClaimResult>>[] Groups =
    [
        RandomFunctionClaims.Check,
        LayerClaims.Check,
        IndependenceClaims.Check,
        ThinnedNetworkClaim.Check,
        BackendClaims.Check,
        ThreadClaims.Check,
        CutBatchClaim.Check,
        ZeroRatioClaim.Check,
    ];

    /// <summary>Checks all claims.</summary>
    /// <exception cref="DropoutLabException">
    /// The network does not have the sites, or the backend not the precision; or a site has a ratio of its own.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped between two groups of claims.</exception>
    public static IReadOnlyList<ClaimResult> Check(VerificationSubject subject, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(subject.BatchSize, 2);
        if (subject.Sites.FirstOrDefault(site => site.DropProbability is not null) is { } site)
            throw new DropoutLabException(
                $"dropout at {site}: claims are checked with a rule's own ratio at every site; give names alone",
                SettingName.DropoutAt, subject.Sites);
        VerifiedSteps steps = new(subject);
        List<ClaimResult> results = [];
        foreach (Func<VerifiedSteps, IEnumerable<ClaimResult>> check in Groups)
        {
            cancellation.ThrowIfCancellationRequested();
            results.AddRange(check(steps));
        }

        return results;
    }
}
