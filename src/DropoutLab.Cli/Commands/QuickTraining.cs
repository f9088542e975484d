using System.Diagnostics;
using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Recipes;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>Trains the same network under several rules in a limited time, and keeps nothing on the disk.</summary>
internal sealed class QuickTraining
{
    private const double MeasuringSeconds = 2;
    private const int WarmUpSteps = 3;

    /// <summary>Where docs/results/table1 has it: of the placements tried, what comes nearest to the poster.</summary>
    private static readonly SiteSelection Sites = ["conv2", "conv3"];

    private readonly ImageDataset all;
    private readonly ImageDataset data;
    private readonly Compute compute;
    private readonly QuickPlan plan;
    private readonly TrainingOptions options;

    private QuickTraining(ImageDataset all, Compute compute, QuickPlan plan, TrainingOptions options)
    {
        this.all = all;
        this.compute = compute;
        this.plan = plan;
        this.options = options;
        data = all with { Train = First(all.Train, plan.TrainImages), Test = First(all.Test, plan.TestImages) };
    }

    private static DropoutSettings At(DropoutRule rule) => new(rule, Sites, MaskSharing.PerDatum);

    private static ModelRecipe Recipe => ModelRecipe.Find(SharedOptions.DefaultModel);

    /// <summary>Measures a step and chooses how much to train.</summary>
    /// <param name="data">The whole data set.</param>
    /// <param name="compute">What computes.</param>
    /// <param name="rules">What will be trained; the last one is measured.</param>
    /// <param name="epochs">So many epochs over all images; null for what fits into the time.</param>
    /// <param name="budgetSeconds">The time for all rules together.</param>
    /// <param name="seed">Of every training.</param>
    public static QuickTraining Prepare(
        ImageDataset data, Compute compute, IReadOnlyList<DropoutRule> rules, int? epochs, double budgetSeconds, ulong seed)
    {
        TrainingOptions defaults = Recipe.Default.Options;
        double secondsPerImage = SecondsPerStep(
            Recipe.CreateFor(data), compute, rules[^1], defaults.BatchSize) / defaults.BatchSize;
        QuickPlan plan = epochs is { } asked
            ? QuickPlan.ForEpochs(asked, secondsPerImage, data.Train.Count, data.Test.Count, rules.Count)
            : QuickPlan.Choose(
                secondsPerImage, data.Train.Count, data.Test.Count, defaults.BatchSize, rules.Count, budgetSeconds);
        return new QuickTraining(
            data, compute, plan, defaults with { Epochs = plan.Epochs, Seed = seed, Precision = compute.Precision });
    }

    /// <summary>Says what was chosen, and why.</summary>
    public void Describe(CommandConsole console)
    {
        string images = plan.TrainImages < all.Train.Count
            ? $"the first {plan.TrainImages:n0} of {all.Train.Count:n0} images to train on, {plan.TestImages:n0} of "
                + $"{all.Test.Count:n0} to test on"
            : $"{plan.TrainImages:n0} images to train on, {plan.TestImages:n0} to test on";
        FactList.Write(
            console,
            ("model",
                $"{Recipe.Name}, batches of {options.BatchSize}, learning rate {options.LearningRate}, seed {options.Seed}"),
            ("data", $"{all.Name}: {images}"),
            ("dropout", $"at the inputs of {string.Join(", ", Sites)}"),
            ("computing", $"{compute}"),
            ("advice", compute.Advice),
            ("time",
                $"{Quantity.Text(plan.Epochs, "epoch")} of each rule, about {Duration.Text(TimeSpan.FromSeconds(plan.Seconds))} "
                    + "in all by a step's measured time"));
        console.Output.WriteLine();
    }

    /// <summary>Trains with one rule, from the same initial weights and in the same order of images as with the others.</summary>
    public QuickResult Run(CommandConsole console, DropoutRule rule)
    {
        TrainingOptions withRule = options with { Dropout = At(rule) };
        using Trainer trainer = new(
            Recipe.CreateFor(data), new CrossEntropy(), Recipe.Default.Batches(data), withRule, compute.Backend);
        List<EpochMetrics> epochs = [];
        TrainingDisplay.Show(console, trainer, $"{rule,-12}  ", (epochDone, progress) =>
        {
            while (!trainer.IsFinished)
            {
                epochs.Add(trainer.RunEpoch(console.Steps.Before(progress), console.Cancellation));
                epochDone(epochs[^1]);
            }
        });
        return new QuickResult(rule.ToString(), epochs);
    }

    /// <summary>What the trainings so far came to, and what they depend on.</summary>
    public QuickResults ResultsOf(IReadOnlyList<QuickResult> results) => new(
        Recipe.Name, all.Name, plan.TrainImages, plan.TestImages, plan.Epochs, options.BatchSize, $"{Sites}", options.Seed,
        compute.Precision.ShortName(), compute.Backend.Name, compute.Threads, RunEnvironment.Describe(compute.Backend), results);

    private static double SecondsPerStep(Network network, Compute compute, DropoutRule rule, int batchSize)
    {
        using StepBenchmark benchmark = ImageSteps.Of(network, compute.Backend, compute.Precision, At(rule), batchSize);
        benchmark.Run(WarmUpSteps, keep: false);
        long start = Stopwatch.GetTimestamp();
        do
            benchmark.Run(steps: 1, keep: true);
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < MeasuringSeconds);
        return benchmark.Result().MedianMilliseconds / 1000;
    }

    private static ImageSet First(ImageSet images, int count) => count == images.Count
        ? images
        : new ImageSet(
            images.Height, images.Width, images.Channels, images.Pixels[..(count * images.ImageSize)], images.Labels[..count]);
}
