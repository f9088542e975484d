using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;

namespace DropoutLab.Verification;

/// <summary>A minibatch that is cut over two plans has the masks of the whole.</summary>
internal static class CutBatchClaim
{
    public static IEnumerable<ClaimResult> Check(VerifiedSteps steps) => Check(steps, Draw);

    /// <summary>Checks what draws the masks of a step, of so many data from a first one on.</summary>
    internal static IEnumerable<ClaimResult> Check(
        VerifiedSteps steps, Func<VerifiedSteps, int, int, IReadOnlyList<double[]>> draw)
    {
        Measurement differing = new(
            "a batch cut in two keeps its masks", "workers that share a batch must not repeat masks", DeviationUnit.Elements, 0);
        int count = steps.Subject.BatchSize, first = (count + 1) / 2;
        IReadOnlyList<double[]> whole = draw(steps, 0, count), begin = draw(steps, 0, first),
            end = draw(steps, first, count - first);
        for (int mask = 0; mask < whole.Count; mask++)
        {
            differing.Add(
                Deviations.DifferingElements([.. begin[mask], .. end[mask]], whole[mask]),
                $"mask {mask + 1} of {whole.Count}");
        }

        return [differing.Result];
    }

    /// <summary>The bits of every mask of a step, for some of a minibatch's data.</summary>
    internal static IReadOnlyList<double[]> Draw(VerifiedSteps steps, int firstDatum, int count)
    {
        VerificationSubject subject = steps.Subject;
        BuiltNetwork built = subject.Network.Build(count, steps.Settings(steps.DroppingRule));
        AppliedObjective objective = new CrossEntropy().On(built);
        Differentiation differentiation = new(objective.Loss, alsoFor: [built.Input]);
        using ParameterStore store = new(built.Parameters, subject.Precision);
        Value[] masks = [.. built.WeightLayers.Select(layer => LayerValues.Of(layer, differentiation)).SelectMany(Masks)];
        using Plan plan = subject.Backend.Compile(
            PlanRequest.Train(differentiation, [objective.Loss], masks, store), subject.Precision);
        plan.Run(subject.Seed, VerifiedSteps.Number, (uint)firstDatum);
        return [.. masks.Select(plan.Read)];
    }

    private static IEnumerable<Value> Masks(LayerValues layer) => LayerValues.Masks(layer.ForwardView, layer.Layer.Input)
        .Union(LayerValues.Masks(layer.BackwardView, layer.Layer.Input));
}
