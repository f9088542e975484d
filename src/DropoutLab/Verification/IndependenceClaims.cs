using DropoutLab.Auditing;
using DropoutLab.Dropout;

namespace DropoutLab.Verification;

/// <summary>
/// Which of the engine's draws are one, and which are independent. Two that are independent and of the ratio 1/2 fall alike with
/// the probability 1/2.
/// </summary>
internal sealed class IndependenceClaims
{
    /// <summary>Its F has nothing but a site's first mask in it, and its B nothing but the second.</summary>
    private static readonly DropoutRule Halves = DropoutRule.AugmentedIndependent(0.5, 0.5);

    private readonly VerifiedSteps steps;
    private readonly IReadOnlyList<ObservedMask> masks;
    private readonly int drawnData;

    private IndependenceClaims(VerifiedSteps steps)
    {
        this.steps = steps;
        drawnData = ObservedMask.DrawnData(steps.Subject.Sharing, steps.Subject.BatchSize);
        masks = Draw(steps.Subject.Seed, VerifiedSteps.Number);
    }

    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps)
    {
        IndependenceClaims claims = new(steps);
        MaskSharing sharing = steps.Subject.Sharing;
        if (sharing != MaskSharing.PerDatum)
            yield return claims.Shared();
        if (claims.drawnData > 1)
            yield return claims.Data();
        yield return claims.MasksOfAStep();
        yield return claims.StepsAndSeeds();
    }

    private ClaimResult Shared()
    {
        Measurement stray = new(
            "what shares a draw is dropped as one", "the mask sharing promises it", DeviationUnit.Elements, 0);
        foreach (ObservedMask mask in masks)
            stray.Add(mask.StrayElements(), mask.Name);
        return stray.Result;
    }

    private ClaimResult Data()
    {
        Measurement agreement = Independence(
            "each datum has a mask of its own", "so a batch trains as many networks as it has data");
        for (int datum = 1; datum < drawnData; datum++)
        {
            for (int other = 0; other < datum; other++)
                Add(agreement, ObservedMask.Sum(masks.Select(mask => mask.Compare(datum, other))), $"data {other} and {datum}");
        }

        return agreement.Result;
    }

    private ClaimResult MasksOfAStep()
    {
        Measurement agreement = Independence("masks of a step are independent", "else layers would drop the same features");
        for (int i = 1; i < masks.Count; i++)
        {
            for (int j = 0; j < i; j++)
                Add(agreement, masks[i].Compare(masks[j]), $"{masks[j].Name}, {masks[i].Name}");
        }

        return agreement.Result;
    }

    private ClaimResult StepsAndSeeds()
    {
        Measurement agreement = Independence("steps and seeds are independent", "else runs would repeat each other");
        ulong seed = steps.Subject.Seed;
        AddOther(agreement, Draw(seed, VerifiedSteps.Number + 1), "next step");
        AddOther(agreement, Draw(seed + 1, VerifiedSteps.Number), "next seed");
        AddOther(agreement, Draw(seed + (1UL << 32), VerifiedSteps.Number), "seed's high half");
        return agreement.Result;
    }

    private void AddOther(Measurement agreement, IReadOnlyList<ObservedMask> others, string what)
    {
        foreach ((ObservedMask mask, ObservedMask other) in masks.Zip(others))
            Add(agreement, mask.Compare(other), $"{mask.Name}, {what}");
    }

    private IReadOnlyList<ObservedMask> Draw(ulong seed, uint step)
    {
        IReadOnlyList<LayerAudit> layers = steps.Run(Halves, seed, step);
        MaskSharing sharing = steps.Subject.Sharing;
        return
        [
            .. steps.DroppedLayers().Select(number => layers[number]).SelectMany(layer => new[]
            {
                new ObservedMask($"{layer.Name} first", layer.ForwardFactor, sharing),
                new ObservedMask($"{layer.Name} second", layer.BackwardFactor, sharing),
            }),
        ];
    }

    private static void Add(Measurement agreement, (int Agreeing, int Draws) count, string where) =>
        agreement.Add(Deviations.StandardErrors(count.Agreeing, count.Draws, 0.5), where);

    private static Measurement Independence(string claim, string why) =>
        new(claim, why, DeviationUnit.StandardErrors, Deviations.StatisticalBound);
}
