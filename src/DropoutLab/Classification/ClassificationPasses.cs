using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Objectives;
using DropoutLab.Training;

namespace DropoutLab.Classification;

/// <summary>What a trainer's network says of classes: its output are logits z, its prediction softmax(z).</summary>
public static class ClassificationPasses
{
    /// <summary>Loss, accuracy and calibration error over some images, prepared as the trainer's own, without dropout.</summary>
    /// <inheritdoc cref="Classify"/>
    public static Evaluation Evaluate(this Trainer trainer, ImageSet images, CancellationToken cancellation = default) =>
        trainer.Classify(Prepared(trainer, images, "the set to evaluate"), cancellation);

    /// <summary>Loss, accuracy and calibration error over some data, without dropout.</summary>
    /// <param name="trainer">Whose network.</param>
    /// <param name="data">What to predict, and its labels.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="DropoutLabException">The data or their labels are not such as the network takes.</exception>
    public static Evaluation Classify(this Trainer trainer, BatchSource data, CancellationToken cancellation = default)
    {
        trainer.CheckFit(data);
        PassMoments moments = new(data.Count, trainer.Network.OutputCount);
        ReliabilityDiagram reliability = new();
        IReadOnlyDictionary<string, double> metrics = trainer.Evaluator.Evaluate(data, cancellation, (begin, plan) =>
        {
            moments.Add(pass: 0, begin, plan.Output(), plan.Labels());
            moments.AddTo(reliability, begin, plan.Labels());
        });
        return new Evaluation(
            metrics[Objective.Loss], metrics[CrossEntropy.Accuracy], reliability.ExpectedCalibrationError, data.Count);
    }

    /// <summary>Each image's probabilities, softmax(z), without dropout.</summary>
    /// <param name="trainer">Whose network.</param>
    /// <param name="images">
    /// What to predict. Their labels are not looked at, but must be such as the network has: 0 will do.
    /// </param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>[N, classes], row by row.</returns>
    /// <exception cref="DropoutLabException">The images or their labels are not such as the network takes.</exception>
    public static ReadOnlyMemory<double> Predict(
        this Trainer trainer, ImageSet images, CancellationToken cancellation = default) =>
        trainer.Predict(Prepared(trainer, images, "the set to predict"), cancellation);

    /// <summary>Each datum's probabilities, softmax(z), without dropout.</summary>
    /// <inheritdoc cref="Predict(Trainer, ImageSet, CancellationToken)"/>
    public static ReadOnlyMemory<double> Predict(this Trainer trainer, BatchSource data, CancellationToken cancellation = default)
    {
        trainer.CheckFit(data);
        return Predictions(trainer.Evaluator, data, areNumbers: false, cancellation);
    }

    /// <summary>
    /// Evaluates the mean prediction of several passes with dropout as in the last step of training so far, each with fresh
    /// masks. They are a function of the seed, the number of the pass and an image's place in the set.
    /// </summary>
    /// <inheritdoc cref="EvaluateMonteCarlo(Trainer, BatchSource, int, ulong?, IProgress{double}?, CancellationToken)"/>
    public static MonteCarloEvaluation EvaluateMonteCarlo(
        this Trainer trainer, ImageSet images, int passes, ulong? seed = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default) =>
        trainer.EvaluateMonteCarlo(Prepared(trainer, images, "the set to evaluate"), passes, seed, progress, cancellation);

    /// <summary>
    /// Evaluates the mean prediction of several passes with dropout as in the last step of training so far, each with fresh
    /// masks. They are a function of the seed, the number of the pass and a datum's place among the data.
    /// </summary>
    /// <param name="trainer">Whose network.</param>
    /// <param name="data">What to predict, and its labels.</param>
    /// <param name="passes">K, from 1 to <see cref="MonteCarloEvaluation.MostPasses"/>.</param>
    /// <param name="seed">What the masks derive from; the training's own seed if null.</param>
    /// <param name="progress">
    /// Told the part that is done, in (0, 1], after every batch of a pass. The backend is held meanwhile: it must not wait for a
    /// thread that asks it.
    /// </param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <exception cref="DropoutLabException">
    /// The number of passes is out of range, or the data or their labels are not such as the network takes.
    /// </exception>
    public static MonteCarloEvaluation EvaluateMonteCarlo(
        this Trainer trainer, BatchSource data, int passes, ulong? seed = null, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        MonteCarloEvaluation.Check(passes);
        trainer.CheckFit(data);
        long lastStep = Math.Max(trainer.CompletedSteps - 1, 0);
        using Evaluator dropped = trainer.EvaluatorUnder(trainer.Options.Dropout.InEvaluationAfter((uint)lastStep));
        return MonteCarlo(dropped, data, passes, seed ?? trainer.Options.Seed, progress, cancellation);
    }

    /// <summary>The probabilities of a pass [N, classes], or the numbers that it predicts.</summary>
    internal static ReadOnlyMemory<double> Predictions(
        Evaluator evaluator, BatchSource data, bool areNumbers, CancellationToken cancellation)
    {
        PassMoments moments = new(data.Count, evaluator.Network.OutputCount, areNumbers);
        evaluator.Evaluate(data, cancellation, (begin, plan) => moments.Add(pass: 0, begin, plan.Output(), []));
        return moments.Means;
    }

    /// <summary>
    /// K passes. Pass k, from 0, draws the masks of step 2³² − 1 − k, which no training comes to, and a datum those of its place:
    /// nothing depends on how the data are cut into batches.
    /// </summary>
    internal static MonteCarloEvaluation MonteCarlo(
        Evaluator evaluator, BatchSource data, int passes, ulong seed, IProgress<double>? progress,
        CancellationToken cancellation)
    {
        bool passesDiffer = evaluator.DrawsMasks();
        int needed = passesDiffer ? passes : 1;
        PassMoments moments = new(data.Count, evaluator.Network.OutputCount);
        ReliabilityDiagram reliability = new();
        RunPasses(evaluator, data, moments, needed, seed, Labels, reliability, progress, cancellation);
        Evaluation mean = new(moments.Loss(needed), reliability.Accuracy, reliability.ExpectedCalibrationError, data.Count);
        return new MonteCarloEvaluation(mean, passes, passesDiffer, moments.Means, moments.StandardDeviations(needed));
    }

    /// <summary>The same of data whose labels, or numbers to predict, nobody knows.</summary>
    internal static PredictionSpread Spread(
        Evaluator evaluator, BatchSource data, int passes, ulong seed, bool areNumbers, CancellationToken cancellation)
    {
        bool passesDiffer = evaluator.DrawsMasks();
        int needed = passesDiffer ? passes : 1;
        PassMoments moments = new(data.Count, evaluator.Network.OutputCount, areNumbers);
        RunPasses(evaluator, data, moments, needed, seed, _ => [], new ReliabilityDiagram(), progress: null, cancellation);
        return new PredictionSpread(moments.Means, moments.StandardDeviations(needed), passesDiffer);
    }

    private static void RunPasses(
        Evaluator evaluator, BatchSource data, PassMoments moments, int needed, ulong seed, Func<NetworkPlan, int[]> labelsOf,
        ReliabilityDiagram reliability, IProgress<double>? progress, CancellationToken cancellation)
    {
        lock (evaluator.Gate)
        {
            foreach ((int begin, NetworkPlan plan) in evaluator.Batches(data))
            {
                int[] labels = labelsOf(plan);
                for (int pass = 0; pass < needed; pass++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    plan.Run(seed, uint.MaxValue - (uint)pass, (uint)begin);
                    moments.Add(pass, begin, plan.Output(), labels);
                    progress?.Report((begin + (pass + 1.0) / needed * plan.BatchSize) / data.Count);
                }

                moments.AddTo(reliability, begin, labels);
            }
        }
    }

    private static ImageBatches Prepared(Trainer trainer, ImageSet images, string name) => trainer.Data.Test is ImageBatches own
        ? own.Alike(name, images)
        : throw new DropoutLabException($"{trainer.Network.Name} was trained on {trainer.Data.Test.Unit}, not on images");

    private static int[] Labels(this NetworkPlan plan) => Array.ConvertAll(plan.Input(CrossEntropy.Labels), label => (int)label);
}
