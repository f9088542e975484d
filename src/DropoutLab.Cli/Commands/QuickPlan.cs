namespace DropoutLab.Cli.Commands;

/// <summary>How much training fits into a time.</summary>
/// <param name="Epochs">Epochs of each training.</param>
/// <param name="TrainImages">How many images to train on.</param>
/// <param name="TestImages">How many to test on.</param>
/// <param name="Seconds">What all trainings together are expected to take.</param>
internal sealed record QuickPlan(int Epochs, int TrainImages, int TestImages, double Seconds)
{
    private const int MostEpochs = 5;

    /// <summary>A forward pass is about a third of a training step.</summary>
    private const double EvaluationCost = 1.0 / 3;

    /// <summary>As many whole epochs as fit, five at most; where not even one does, one over fewer images.</summary>
    /// <param name="secondsPerImage">Of training.</param>
    /// <param name="trainImages">All there are.</param>
    /// <param name="testImages">All there are.</param>
    /// <param name="batchSize">At least so many images are used of each.</param>
    /// <param name="trainings">How many trainings share the time.</param>
    /// <param name="budgetSeconds">The time.</param>
    public static QuickPlan Choose(
        double secondsPerImage, int trainImages, int testImages, int batchSize, int trainings, double budgetSeconds)
    {
        QuickPlan one = ForEpochs(1, secondsPerImage, trainImages, testImages, trainings);
        double share = budgetSeconds / one.Seconds;
        if (share >= 1)
            return ForEpochs(Math.Min(MostEpochs, (int)share), secondsPerImage, trainImages, testImages, trainings);
        int Part(int images) => Math.Min(images, Math.Max(1, (int)(images * share / batchSize)) * batchSize);
        return ForEpochs(1, secondsPerImage, Part(trainImages), Part(testImages), trainings);
    }

    /// <summary>A given number of epochs over all images, however long they take.</summary>
    public static QuickPlan ForEpochs(int epochs, double secondsPerImage, int trainImages, int testImages, int trainings) =>
        new(epochs, trainImages, testImages, trainings * epochs * secondsPerImage * (trainImages + EvaluationCost * testImages));
}
