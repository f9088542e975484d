namespace DropoutLab.Graph;

/// <summary>What stands for a whole sentence.</summary>
public enum Pooling
{
    /// <summary>The first token, BERT's [CLS].</summary>
    First,

    /// <summary>The mean over the sentence's tokens.</summary>
    Mean,
}
